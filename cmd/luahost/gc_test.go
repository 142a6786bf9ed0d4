package main

import "testing"

func TestAdapt(t *testing.T) {
	const mib = 1 << 20
	tuner := gcTuner{headroom: leastHeadroom, least: leastHeadroom, most: 64 * mib}
	for i, c := range []struct {
		times               int
		collecting, working float64
		want                uint64
	}{
		{1, 0.001, 0.999, 4 * mib},
		{1, 0.006, 0.05, 4 * mib}, // much, but memory for more would cost as much as that
		{1, 0.006, 0.05, 8 * mib},
		{10, 0.02, 0.98, 8 * mib},
		{10, 0.10, 0.90, 64 * mib},
		{fewInARow - 1, 0.001, 0.999, 64 * mib},
		{1, 0.02, 0.98, 64 * mib},
		{fewInARow - 1, 0.001, 0.999, 64 * mib},
		{1, 0.001, 0.999, 32 * mib},
		{10 * fewInARow, 0.001, 0.999, 4 * mib},
		{2 * fewInARow, 0, 0, 4 * mib}, // nothing was measured
	} {
		for range c.times {
			tuner.adapt(c.collecting, c.working)
		}
		if tuner.headroom != c.want {
			t.Errorf("step %d: %d MiB, want %d", i, tuner.headroom/mib, c.want/mib)
		}
	}
	server := gcTuner{headroom: largeHeadroom, least: leastHeadroom, most: mostHeadroom}
	for range 100 { // much, but not very much
		server.adapt(0.07, 0.93)
	}
	server.adapt(0.5, 0.5)
	if server.headroom != largeHeadroom {
		t.Errorf("%d MiB, want %d", server.headroom/mib, largeHeadroom/mib)
	}
	for range 200 {
		server.adapt(0.2, 0.8)
	}
	if server.headroom != mostHeadroom {
		t.Errorf("%d MiB, want %d", server.headroom/mib, mostHeadroom/mib)
	}
	if got := gcPercent(mib, 64*mib); got != 1600 {
		t.Errorf("a small heap with 64 MiB of headroom: %d %%, want 1600", got)
	}
	if got := gcPercent(512*mib, 64*mib); got != 100 {
		t.Errorf("a large heap: %d %%, want 100", got)
	}
}
