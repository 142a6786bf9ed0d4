package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// The heap may grow by a headroom between two collections, or by its own size if that is more. Go's default is the latter
// alone: a script with a few megabytes of data would spend most of its time collecting. But memory that was never used
// before is dear, and so is memory that has left the processor's caches: a server whose garbage is small is better off
// with a small heap. So the headroom follows what the collector takes of the program's time.
const (
	leastHeadroom = 4 << 20 // what Go takes as the smallest heap
	mostHeadroom  = 64 << 20
	muchCollected = 0.04 // of the CPU time: twice the headroom from here on
	fewCollected  = 0.01 // half of it, up to here
)

// tuneGC keeps the collector's percentage such that the heap may grow by the headroom. It leaves the choice to the user
// where GOGC is set.
func tuneGC() {
	if os.Getenv("GOGC") == "" {
		(&gcTuner{headroom: leastHeadroom}).tune()
	}
}

// gcTuner adapts the headroom after each collection.
type gcTuner struct {
	headroom            uint64
	collecting, working float64 // CPU seconds so far
}

func (t *gcTuner) tune() {
	live, collecting, working := readGC()
	t.headroom = nextHeadroom(t.headroom, collecting-t.collecting, working-t.working)
	t.collecting, t.working = collecting, working
	debug.SetGCPercent(gcPercent(live, t.headroom))
	// This is garbage that the next collection finds.
	runtime.SetFinalizer(&gcSentinel{}, func(*gcSentinel) { t.tune() })
}

type gcSentinel struct{ _ [16]byte }

// nextHeadroom judges by the CPU seconds that the last collection took, and the program since the one before.
func nextHeadroom(headroom uint64, collecting, working float64) uint64 {
	switch share := collecting / (collecting + working); {
	case share > muchCollected:
		return min(2*headroom, mostHeadroom)
	case share < fewCollected:
		return max(headroom/2, leastHeadroom)
	}
	return headroom
}

func gcPercent(live, headroom uint64) int {
	return int(max(100, headroom*100/max(live, leastHeadroom)))
}

func readGC() (live uint64, collecting, working float64) {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/cpu/classes/gc/mark/assist:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/dedicated:cpu-seconds"},
		{Name: "/cpu/classes/gc/pause:cpu-seconds"},
		{Name: "/cpu/classes/user:cpu-seconds"},
	}
	metrics.Read(samples)
	for _, s := range samples[1:4] {
		collecting += s.Value.Float64()
	}
	return samples[0].Value.Uint64(), collecting, samples[4].Value.Float64()
}
