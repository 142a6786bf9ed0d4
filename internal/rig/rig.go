// Package rig runs scripts that report to a test.
package rig

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/testlog"
	"github.com/luahost/luahost/vm"
)

// Patience is how long a test waits for what must come.
const Patience = time.Minute

// Rig is a host whose scripts call report, which they have by require "report".
type Rig struct {
	T    testing.TB
	Host *host.Host
	Log  testlog.Log
	Dir  string // of the scripts

	Closed bool // the test has closed the host itself

	prelude string
	reports chan string
	scripts int
}

// New makes a host that is closed when the test ends. The prelude stands on the first line of each script, so that line
// numbers stay.
func New(t testing.TB, prelude string, options ...host.Option) *Rig {
	t.Helper()
	r := &Rig{T: t, Dir: t.TempDir(), prelude: prelude, reports: make(chan string, 10000)}
	h, err := host.New(append(options, host.WithOutput(&r.Log), host.WithModule(r.module()))...)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = h
	t.Cleanup(func() {
		r.Close()
		if t.Failed() {
			t.Logf("log:\n%s", r.Log.String())
		}
	})
	return r
}

// Close closes the host; the end of the test does, too.
func (r *Rig) Close() {
	if r.Closed {
		return
	}
	r.Closed = true
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if err := r.Host.Close(ctx); err != nil {
		r.T.Errorf("closing the host: %v", err)
	}
}

// module is "report", a function that tells its arguments to the test.
func (r *Rig) module() host.Module {
	f := vm.Function("report", func(c *vm.Call) error {
		parts := make([]string, c.NArgs())
		for i, v := range c.Args() {
			parts[i] = vm.Text(v)
			if s, ok := v.AsString(); ok {
				parts[i] = strconv.Quote(s)
			}
		}
		r.reports <- strings.Join(parts, " ")
		return nil
	})
	return host.Module{Name: "report", Open: func(*host.Service) (vm.Value, error) { return f, nil }}
}

// Start starts a script that is a service, waits until it is ready, and returns its address.
func (r *Rig) Start(text string, args ...string) host.Handle {
	r.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	a, err := r.Host.Start(ctx, r.Script(text), args...)
	if err != nil {
		r.T.Fatalf("%v\n%s", err, r.Log.String())
	}
	return a
}

// Launch starts a script that is ready only when the test has done its part.
func (r *Rig) Launch(text string, args ...string) {
	r.T.Helper()
	if _, err := r.Host.Launch(r.Script(text), args, func(host.Handle, error) {}); err != nil {
		r.T.Fatal(err)
	}
}

// Script writes a script, and returns its file.
func (r *Rig) Script(text string) string {
	r.T.Helper()
	r.scripts++
	file := filepath.Join(r.Dir, fmt.Sprintf("script%d.lua", r.scripts))
	if err := os.WriteFile(file, []byte(r.prelude+text), 0o600); err != nil {
		r.T.Fatal(err)
	}
	return file
}

// Next waits for a report and returns it: the arguments of the call, strings in quotes.
func (r *Rig) Next() string {
	r.T.Helper()
	select {
	case s := <-r.reports:
		return s
	case <-time.After(Patience):
		r.T.Fatalf("nothing reported; log:\n%s", r.Log.String())
		return ""
	}
}

// Expect waits for reports.
func (r *Rig) Expect(want ...string) {
	r.T.Helper()
	for _, w := range want {
		if got := r.Next(); got != w {
			r.T.Fatalf("reported %s, want %s", got, w)
		}
	}
}

// Quiet requires that nothing is reported for a moment.
func (r *Rig) Quiet() {
	r.T.Helper()
	select {
	case s := <-r.reports:
		r.T.Fatalf("reported %s, want nothing", s)
	case <-time.After(30 * time.Millisecond):
	}
}

// Logged waits until the log has a text.
func (r *Rig) Logged(text string) {
	r.T.Helper()
	r.Log.Wait(r.T, regexp.QuoteMeta(text))
}
