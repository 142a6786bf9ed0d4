// Package hosttest runs Lua against modules in tests.
//
//	func TestHello(t *testing.T) {
//		hosttest.Run(t, func(h *hosttest.Host) {
//			h.Expect(`local greet = require "greet" return greet.hello("Ann")`, "hello, Ann")
//			h.ExpectError(`require("greet").hello()`, "bad argument #1 to 'hello' (string expected, got no value)")
//		}, host.WithModule(greet.Module()))
//	}
//
// Run has a fake clock: time stands still while anything runs, and jumps ahead when everything waits. New has the real
// one, for benchmarks and for tests that use the network.
package hosttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/internal/testlog"
	"github.com/luahost/luahost/vm"
)

// Host is a host in a test. What goes wrong in its methods ends the test.
type Host struct {
	*host.Host
	t       testing.TB
	output  *testlog.Log
	service *host.Service // that runs what Eval is given
}

// stay is the module that the test's service requires: a service that uses Go does not end when its script has run.
var stay = host.Module{Name: "hosttest", Open: func(*host.Service) (vm.Value, error) { return vm.Bool(true), nil }}

// Run calls f with a host in a bubble of package testing/synctest: clocks and timers, the host's and those of package
// time, are fake. In the bubble, waiting for the network is no waiting: time stands still meanwhile.
func Run(t *testing.T, f func(h *Host), opts ...host.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(New(t, opts...)) })
}

// New makes a host that is closed when the test ends.
func New(t testing.TB, opts ...host.Option) *Host {
	t.Helper()
	h := &Host{t: t, output: new(testlog.Log)}
	defaults := []host.Option{host.WithOutput(h.output), host.WithWorkers(2), host.WithModule(stay)}
	inner, err := host.New(append(defaults, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	h.Host = inner
	t.Cleanup(h.close)
	h.service = h.Service(h.StartScript(`require "hosttest"`))
	return h
}

func (h *Host) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := h.Close(ctx); err != nil {
		h.t.Errorf("closing the host: %v", err)
	}
}

// StartScript starts a service with the given source, and waits until it is ready.
func (h *Host) StartScript(source string, args ...string) host.Handle {
	h.t.Helper()
	file := filepath.Join(h.t.TempDir(), "test.lua")
	if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
		h.t.Fatal(err)
	}
	a, err := h.Start(context.Background(), file, args...)
	if err != nil {
		h.t.Fatalf("starting a service: %v\n%s", err, h.Output())
	}
	return a
}

// Eval runs a chunk in the test's service and returns its results, as package module converts them to any.
// The chunk may wait.
func (h *Host) Eval(source string) []any {
	h.t.Helper()
	results, err := h.Go(source).Wait()
	if err != nil {
		h.t.Fatalf("%s\n\nin the chunk:\n%s", err, source)
	}
	return results
}

// Expect runs a chunk and compares its results.
func (h *Host) Expect(source string, want ...any) {
	h.t.Helper()
	got := h.Eval(source)
	for i, x := range want {
		if n, ok := number(x); ok {
			want[i] = n
		}
	}
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		h.t.Errorf("got %s, want %s, of the chunk:\n%s", show(got), show(want), source)
	}
}

// show writes values for a message of reasonable length.
func show(values []any) string {
	const shown = 1000
	text := make([]string, len(values))
	for i, x := range values {
		text[i] = fmt.Sprintf("%#v", x)
	}
	all := strings.Join(text, ", ")
	if len(all) > shown {
		all = all[:shown] + "..."
	}
	return "(" + all + ")"
}

// number returns what a Go number is in Lua.
func number(x any) (float64, bool) {
	switch v := reflect.ValueOf(x); {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	}
	return 0, false
}

// ExpectError runs a chunk that must fail with a message that contains text.
func (h *Host) ExpectError(source, text string) {
	h.t.Helper()
	results, err := h.Go(source).Wait()
	switch {
	case err == nil:
		h.t.Errorf("got %s instead of the error %q, of the chunk:\n%s", show(results), text, source)
	case !strings.Contains(err.Error(), text):
		h.t.Errorf("got the error %q, want one with %q, of the chunk:\n%s", err, text, source)
	}
}

// Go starts a chunk in the test's service.
func (h *Host) Go(source string) *Pending {
	p := &Pending{done: make(chan struct{})}
	posted := h.service.Post(func(s *host.Service) {
		f, err := s.State().Load(source, "=chunk", "t", s.State().Globals().Value())
		if err != nil {
			p.end(nil, err)
			return
		}
		s.Go(vm.Function("chunk", func(c *vm.Call) error { return c.ProtectedCall(p.take, f) }))
	})
	if !posted {
		p.end(nil, errors.New("the test's service has ended"))
	}
	return p
}

// Do calls f in the turn of the test's service and waits for it.
func (h *Host) Do(f func(s *host.Service)) {
	h.t.Helper()
	done := make(chan struct{})
	if !h.service.Post(func(s *host.Service) { defer close(done); f(s) }) {
		h.t.Fatal("the test's service has ended")
	}
	<-done
}

// Pending is a chunk that runs.
type Pending struct {
	done    chan struct{}
	results []any
	err     error
}

// Done tells whether the chunk has ended.
func (p *Pending) Done() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Wait waits for the chunk's results, or its error.
func (p *Pending) Wait() ([]any, error) {
	<-p.done
	return p.results, p.err
}

// take takes what pcall gives.
func (p *Pending) take(c *vm.Call) error {
	var ok bool
	var results []any
	if err := module.Unpack(c, &ok, module.Rest(&results)); err != nil {
		p.end(nil, err)
	} else if !ok {
		p.end(nil, vm.NewError(c.Arg(2)))
	} else {
		p.end(results, nil)
	}
	return nil
}

func (p *Pending) end(results []any, err error) {
	p.results, p.err = results, err
	close(p.done)
}

// Advance lets d pass, and waits until everything waits that it woke. It is for tests under Run.
func (h *Host) Advance(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Output returns what scripts have printed and what was logged.
func (h *Host) Output() string {
	h.Flush()
	return h.output.String()
}
