package main

import "testing"

func TestNextHeadroom(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		now                 uint64
		collecting, working float64
		want                uint64
	}{
		{4 * mib, 0.10, 0.90, 8 * mib},
		{64 * mib, 0.10, 0.90, 64 * mib},
		{16 * mib, 0.02, 0.98, 16 * mib},
		{16 * mib, 0.001, 0.999, 8 * mib},
		{4 * mib, 0.001, 0.999, 4 * mib},
		{16 * mib, 0, 0, 16 * mib}, // nothing was measured
	} {
		if got := nextHeadroom(c.now, c.collecting, c.working); got != c.want {
			t.Errorf("%d MiB with %v of %v s collecting: %d MiB, want %d", c.now/mib, c.collecting, c.working, got/mib, c.want/mib)
		}
	}
	if got := gcPercent(mib, 64*mib); got != 1600 {
		t.Errorf("a small heap with 64 MiB of headroom: %d %%, want 1600", got)
	}
	if got := gcPercent(512*mib, 64*mib); got != 100 {
		t.Errorf("a large heap: %d %%, want 100", got)
	}
}
