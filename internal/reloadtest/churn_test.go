package reloadtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/luahost/luahost/host"
)

// Services start and end all the time while their code is reloaded, and the host ends in the middle of a reload. After a
// reload all run its code, those too that were about to start meanwhile.
func TestReloadsAmongComingAndGoing(t *testing.T) {
	worker := `local skynet = require "skynet" local m = require "m"
skynet.start(function() skynet.dispatch("lua", function() skynet.ret(skynet.pack(m.f())) skynet.exit() end) end)`
	module := `local M = {} function M.f() return %d end return M`
	l := newLab(t, map[string]string{
		"main.lua": command + `local m = require "m" function on.x() local before = m.f()
			local w = skynet.newservice "w" return before, skynet.call(w, "lua"), m.f() end`,
		"w.lua": worker, "m.lua": fmt.Sprintf(module, 0)})
	s := l.start("main.lua")
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	// From the first reload on, a service that starts gets what the others run, not a file that is being written.
	if _, err := l.h.Reload(ctx, host.ReloadOptions{}); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	rounds := make(chan struct{}, 1)
	var applied atomic.Int64
	for range 4 {
		group.Go(func() {
			for {
				least := float64(applied.Load())
				r, err := l.h.Call(ctx, s, "x")
				if err != nil {
					return // the host ends
				}
				var seen []float64
				for _, v := range r {
					var n float64
					fmt.Sscan(fmt.Sprint(v), &n)
					seen = append(seen, n)
				}
				if len(seen) != 3 || slices.Min(seen) < least || seen[0] > seen[2] {
					t.Errorf("after reload %v: %v", least, r)
					return
				}
				select {
				case rounds <- struct{}{}:
				default:
				}
			}
		})
	}
	for n := range 30 {
		<-rounds
		l.write("m.lua", fmt.Sprintf(module, n+1))
		l.ok()
		applied.Store(int64(n + 1))
	}
	l.write("m.lua", fmt.Sprintf(module, 99))
	group.Go(func() {
		if _, err := l.h.Reload(ctx, host.ReloadOptions{}); err != nil && !errors.Is(err, host.ErrClosed) {
			t.Error(err)
		}
	})
	if err := l.h.Close(ctx); err != nil {
		t.Error(err)
	}
	group.Wait()
}

// BenchmarkTrafficDuringReloads measures how long answers take for clients of which each has one message under way: with a
// reload in each round, and without.
func BenchmarkTrafficDuringReloads(b *testing.B) {
	for _, test := range []struct{ name, script, edited string }{{"agents", "wsserver.lua", "wsagent.lua"}, {"gws", "wsecho.lua", "wsecho.lua"}} {
		for _, reloads := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/reloads=%v", test.name, reloads), func(b *testing.B) {
				s := serve(b, test.script, "wsagent.lua")
				text := s.read(test.edited)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				var clients sync.WaitGroup
				var mu sync.Mutex
				var times []time.Duration
				for range 100 {
					c := s.dial()
					clients.Go(func() {
						defer c.CloseNow()
						var own []time.Duration
						for ctx.Err() == nil {
							begin := time.Now()
							if err := c.Write(context.Background(), websocket.MessageText, []byte("x")); err != nil {
								b.Error(err)
								return
							}
							if _, _, err := c.Read(context.Background()); err != nil {
								b.Error(err)
								return
							}
							own = append(own, time.Since(begin))
							time.Sleep(10 * time.Millisecond)
						}
						mu.Lock()
						times = append(times, own...)
						mu.Unlock()
					})
				}
				n := 0
				for b.Loop() {
					if n++; reloads {
						s.write(test.edited, fmt.Sprintf("%s\nlocal function added() return %d end\n", text, n))
						if r := s.reload(); r.Result != host.ReloadOK {
							b.Fatal(r.Text(false))
						}
					}
					time.Sleep(50 * time.Millisecond)
				}
				cancel()
				clients.Wait()
				slices.Sort(times)
				at := func(share float64) float64 {
					return float64(times[min(len(times)-1, int(share*float64(len(times))))].Microseconds()) / 1000
				}
				b.ReportMetric(at(0.5), "p50-ms")
				b.ReportMetric(at(0.99), "p99-ms")
				b.ReportMetric(at(1), "worst-ms")
			})
		}
	}
}
