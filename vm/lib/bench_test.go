package lib_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// BenchmarkOpen makes a state with all libraries, as each service has one.
func BenchmarkOpen(b *testing.B) {
	for _, profile := range []struct {
		name string
		lib.Profile
	}{{"full", lib.Full}, {"sandbox", lib.Sandbox}} {
		b.Run(profile.name, func(b *testing.B) {
			l := lib.New(lib.Options{Profile: profile.Profile})
			b.ReportAllocs()
			for b.Loop() {
				l.Open(vm.NewState(vm.Options{}))
			}
		})
	}
}

// workloads are those of the engine's benchmark: each a file that returns a function.
const workloads = "../../bench/engine/workloads"

// BenchmarkBudgets runs each workload with and without an instruction budget, a deadline and a memory cap, in turns, and
// reports the ratio of the least times: 1.05 is a cost of 5 %.
func BenchmarkBudgets(b *testing.B) {
	files, err := filepath.Glob(workloads + "/*.lua")
	if err != nil || len(files) == 0 {
		b.Fatalf("no workloads: %v", err)
	}
	for _, file := range files {
		b.Run(strings.TrimSuffix(filepath.Base(file), ".lua"), func(b *testing.B) {
			free, bound := newWorkload(b, file, false), newWorkload(b, file, true)
			least := [2]time.Duration{time.Hour, time.Hour}
			for b.Loop() {
				for i, run := range []func() time.Duration{free, bound} {
					least[i] = min(least[i], run())
				}
			}
			b.ReportMetric(float64(least[1])/float64(least[0]), "ratio")
		})
	}
}

// newWorkload returns what runs a workload once, in a state with or without budgets.
func newWorkload(b *testing.B, file string, budgets bool) func() time.Duration {
	l := lib.New(lib.Options{})
	s := vm.NewState(vm.Options{})
	l.Open(s)
	if budgets {
		s.SetMemoryLimit(1 << 30)
	}
	main, err := l.LoadFile(s, file)
	if err != nil {
		b.Fatal(err)
	}
	results, err := s.Main().Call(main)
	if err != nil || len(results) == 0 {
		b.Fatalf("%s: %v", file, err)
	}
	f := results[0]
	return func() time.Duration {
		if budgets {
			s.SetBudget(1<<50, time.Now().Add(time.Hour))
		}
		start := time.Now()
		if _, err := s.Main().Call(f); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
}
