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
	leastHeadroom   = 4 << 20   // what Go takes as the smallest heap
	programHeadroom = 8 << 20   // the least for a program that is no server: it may be over before it is judged
	largeHeadroom   = 64 << 20  // the most for a program, and for a server unless collections take very much
	mostHeadroom    = 128 << 20 // a server with large messages makes that much garbage in a tenth of a second
	muchCollected   = 0.04      // of the CPU time: twice the headroom from here on
	veryMuch        = 0.10      // the same for more than largeHeadroom, of all the time with that
	fewCollected    = 0.01      // half of it up to here, when it was so for fewInARow collections
	fewInARow       = 8

	// touching is the CPU time that a byte costs which was never used before, in seconds, where that is dear: a virtual
	// machine without large pages. The headroom grows only when collecting has cost as much as the memory would: so
	// neither a program that is soon over nor one that goes on pays more than twice what was best for it.
	touching = 2e-9
)

// tuneGC keeps the collector's percentage such that the heap may grow by the headroom. It leaves the choice to the user
// where GOGC is set.
func tuneGC(program bool) {
	if os.Getenv("GOGC") != "" {
		return
	}
	t := &gcTuner{least: leastHeadroom, most: mostHeadroom}
	if program {
		t.least, t.most = programHeadroom, largeHeadroom
	}
	t.headroom = t.least
	t.tune()
}

// gcTuner adapts the headroom after each collection.
type gcTuner struct {
	headroom            uint64
	least, most         uint64
	few                 int     // collections in a row that took little
	spent, worked       float64 // CPU seconds of collections, and of the program, since the headroom changed
	collecting, working float64 // CPU seconds so far
}

func (t *gcTuner) tune() {
	live, collecting, working := readGC()
	t.adapt(collecting-t.collecting, working-t.working)
	t.collecting, t.working = collecting, working
	debug.SetGCPercent(gcPercent(live, t.headroom))
	// This is garbage that the next collection finds.
	runtime.SetFinalizer(&gcSentinel{}, func(*gcSentinel) { t.tune() })
}

type gcSentinel struct{ _ [16]byte }

// adapt judges by the CPU seconds that the last collection took, and the program since the one before. What was given back
// has to be got again: so a headroom gets smaller slowly.
func (t *gcTuner) adapt(collecting, working float64) {
	share := collecting / (collecting + working)
	if t.few++; !(share < fewCollected) {
		t.few = 0
	}
	t.spent += collecting
	t.worked += working
	switch {
	case share > muchCollected && t.spent > touching*float64(t.headroom) &&
		(t.headroom < largeHeadroom || t.spent > veryMuch*(t.spent+t.worked)):
		t.headroom = min(2*t.headroom, t.most)
		t.spent, t.worked = 0, 0
	case t.few == fewInARow:
		t.headroom = max(t.headroom/2, t.least)
		t.few, t.spent, t.worked = 0, 0, 0
	}
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
