package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// giveBack returns memory to the system when the program has come to rest. The headroom that tuneGC leaves is for
// programs at work: one that waits, with thousands of connections that were opened one after another, would otherwise
// keep all the garbage of their opening, and their stacks at the size that opening took.
func giveBack() {
	const (
		look     = 100 * time.Millisecond
		atRest   = 64 << 10 // bytes allocated between two looks
		patience = 4        // looks at rest
		worth    = 8 << 20  // bytes allocated since memory was given back last
	)
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	var last, given uint64
	quiet := 0
	for range time.Tick(look) {
		metrics.Read(sample)
		allocated := sample[0].Value.Uint64()
		if quiet++; allocated-last > atRest {
			quiet = 0
		}
		last = allocated
		if quiet >= patience && allocated-given > worth {
			runtime.GC() // each collection halves the stacks that have become too large
			debug.FreeOSMemory()
			given = allocated
		}
	}
}
