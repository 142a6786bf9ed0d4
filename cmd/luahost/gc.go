package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// headroom is how much the heap may at least grow between two collections. Go's default lets a small heap grow by its own
// size only, so a script with a few megabytes of data would spend most of its time collecting.
const headroom = 64 << 20

// tuneGC keeps the collector's percentage such that the heap may grow by headroom, or by its own size if that is more.
// It leaves the choice to the user where GOGC is set.
func tuneGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(gcPercent(liveHeap()))
	watchGC(&gcSentinel{})
}

func gcPercent(live uint64) int {
	const least = 4 << 20 // what Go takes as the smallest heap
	return int(max(100, headroom*100/max(live, least)))
}

func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// gcSentinel is garbage that each collection finds: its finalizer sees the live heap of that collection.
type gcSentinel struct{ _ [16]byte }

func watchGC(s *gcSentinel) {
	runtime.SetFinalizer(s, func(s *gcSentinel) {
		debug.SetGCPercent(gcPercent(liveHeap()))
		watchGC(s)
	})
}
