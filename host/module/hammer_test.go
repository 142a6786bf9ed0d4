package module_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/luahost/luahost/bindings/json"
	"github.com/luahost/luahost/bindings/log"
	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/host/module"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestHammer has many goroutines and services use one module at once: callbacks, waiting functions, objects, conversions.
func TestHammer(t *testing.T) {
	const goroutines, rounds = 8, 1000
	var mu sync.Mutex
	var callbacks []*module.Callback
	var inside [goroutines]atomic.Int32 // by service: a state must be entered once at a time
	m := module.New("m", "").
		Func("keep(f)", func(f *module.Callback) {
			mu.Lock()
			defer mu.Unlock()
			callbacks = append(callbacks, f)
		}).
		Func("enter(i)", func(i int) error {
			if n := inside[i].Add(1); n != 1 {
				return fmt.Errorf("service %d is entered %d times", i, n)
			}
			return nil
		}).
		Func("leave(i)", func(i int) { inside[i].Add(-1) }).
		Func("wait(x)", func(ctx context.Context, x map[string]any) (map[string]any, error) { return x, ctx.Err() })
	shared := &account{owner: "shared", closed: new([]string)}
	m.Func("shared()", func() *account { return shared })
	module.Type[account](m, "account", "").Method("owner()", (*account).Owner)
	h := hosttest.New(t, host.WithModule(m.Module()), host.WithModule(skynet.Modules()...), host.WithModule(json.Modules()...), host.WithModule(log.Modules()...))
	for i := range goroutines {
		h.StartScript(`
			local skynet = require "skynet"
			local m, json, log = require "m", require "json", require "log"
			local i = tonumber((...))
			local calls = 0
			local function work(n)
				m.enter(i)
				calls = calls + 1
				assert(m.shared():owner() == "shared")
				assert(json.decode(json.encode({n = n, list = {1, 2}})).n == n)
				log.debug("hidden", {n = n})
				m.leave(i)
				if n % 10 == 0 then
					assert(m.wait({n = n}).n == n)
				end
				return calls
			end
			m.keep(work)
			skynet.start(function() end)`, fmt.Sprint(i))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var all sync.WaitGroup
	var asked atomic.Int64
	for g := range goroutines {
		all.Go(func() {
			for n := range rounds {
				f := callbacks[(g+n)%len(callbacks)]
				if n%4 != 0 {
					f.Post(n)
				} else if r, err := f.Ask(ctx, n); err != nil || len(r) != 1 {
					t.Errorf("got %v, %v", r, err)
					return
				} else {
					asked.Add(1)
				}
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n != goroutines*rounds/4 {
		t.Errorf("%d answers", n)
	}
	var calls float64
	for _, f := range callbacks {
		r, err := f.Ask(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		calls += r[0].(float64)
	}
	if want := float64(goroutines*rounds + goroutines); calls != want {
		t.Errorf("%v calls, want %v\n%s", calls, want, h.Output())
	}
}
