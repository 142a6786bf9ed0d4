package host

import (
	"context"
	"fmt"
	"runtime"
	"sort"
	"testing"
	"time"
)

const agentScript = `local t = require "t" local room = require "room"
local seen = {}
t.on("x", function() seen[#seen % 10 + 1] = room.name() return room.name() end)
`

// roomModule has some thirty functions and a table of data, as a module of a real program has.
func roomModule(version int) string {
	text := "local M = {limits = {a = 1, b = 2, c = 3}, names = {'a', 'b', 'c'}}\nlocal members = {}\n"
	for i := range 30 {
		text += fmt.Sprintf("function M.f%d(x) members[x] = (members[x] or 0) + %d return members[x] end\n", i, i)
	}
	return text + fmt.Sprintf("function M.name() return %d end\nreturn M\n", version)
}

func thousand(t testing.TB, services int) (*stage, []Handle) {
	st := newStage(t, map[string]string{"main.lua": agentScript, "room.lua": roomModule(0)})
	handles := make([]Handle, services)
	for i := range handles {
		handles[i] = st.start("main.lua")
	}
	return st, handles
}

// Scenario: 1000 services share a module. It is compiled once, all get it, and old code does not pile up.
func TestReloadThousandServices(t *testing.T) {
	t.Run("1000 services", func(t *testing.T) { testManyServices(t, 1000, 12) })
	t.Run("200 reloads", func(t *testing.T) { testManyServices(t, 40, 200) })
}

func testManyServices(t *testing.T, services, reloads int) {
	st, handles := thousand(t, services)
	var before uint64
	for n := 1; n <= reloads; n++ {
		compiled := st.h.compiler.Compiled()
		st.write("room.lua", roomModule(n))
		r := st.ok()
		if r.Services != services || st.h.compiler.Compiled() != compiled+1 {
			t.Fatalf("%s, %d compilations", r.Line(), st.h.compiler.Compiled()-compiled)
		}
		if n%50 == 10 {
			for _, h := range handles {
				st.want(h, "x", fmt.Sprint(n))
			}
		}
		if n == min(20, reloads/2) {
			before = heapInUse()
		}
	}
	after := heapInUse()
	t.Logf("heap after 20 reloads %d, after %d %d", before, reloads, after)
	if float64(after) > 1.05*float64(before)+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	for _, s := range st.h.ReloadStatus(context.Background()).Services {
		if s.Generation != reloads+1 || len(s.Frames)+len(s.Stuck)+len(s.Orphans) != 0 {
			t.Fatalf("%+v", s)
		}
	}
}

func heapInUse() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkReload measures reloads of one module that n services share.
func BenchmarkReload(b *testing.B) {
	for _, services := range []int{1, 1000} {
		b.Run(fmt.Sprintf("services=%d", services), func(b *testing.B) {
			st, _ := thousand(b, services)
			var commits, pauses []float64
			n := 0
			for b.Loop() {
				n++
				st.write("room.lua", roomModule(n))
				r, err := st.h.Reload(context.Background(), ReloadOptions{})
				if err != nil || r.Result != ReloadOK {
					b.Fatal(err, r.Text(false))
				}
				commits = append(commits, r.Commit/float64(services)*1e6)
				pauses = append(pauses, r.Pause*1e6)
			}
			b.ReportMetric(median(commits), "commit-µs/service")
			b.ReportMetric(median(pauses), "worst-pause-µs")
		})
	}
}

func median(v []float64) float64 {
	sort.Float64s(v)
	return v[len(v)/2]
}

// BenchmarkSaveToOK measures from the save of a file to the report that it is applied, with the watcher's waiting.
func BenchmarkSaveToOK(b *testing.B) {
	st := newStage(b, map[string]string{"main.lua": agentScript, "room.lua": roomModule(0)})
	st.start("main.lua")
	reports := make(chan *Reload, 1)
	defer st.h.OnReload(func(r *Reload) { reports <- r })()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { st.h.Watch(ctx, false, nil); close(done) }()
	defer func() { cancel(); <-done }()
	for st.h.watchMode() == "off" {
		time.Sleep(time.Millisecond)
	}
	n := 0
	for b.Loop() {
		n++
		st.write("room.lua", roomModule(n))
		if r := <-reports; r.Result != ReloadOK {
			b.Fatal(r.Text(false))
		}
	}
}
