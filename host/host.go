// Package host runs Lua services: actors with a state, a mailbox and tasks, many of them in parallel.
//
//	h, err := host.New(all.Options()...)
//	if err != nil { ... }
//	defer h.Close(context.Background())
//	echo, err := h.Start(ctx, "scripts/echo.lua")
//	results, err := h.Call(ctx, echo, "hello")
package host

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// Host runs services. Make it with New, end it with Close. Its methods may be called from any goroutine.
type Host struct {
	options   options
	compiler  *vm.Compiler
	libraries *lib.Set
	modules   map[string]Module
	scheduler *scheduler
	timers    *timers
	limits    limits
	log       *logger

	mu       sync.Mutex
	services map[Handle]*Service
	last     Handle // the handle given out last
	names    map[string]Handle
	env      map[string]string
	local    map[any]any
	running  sync.WaitGroup // services
	closing  bool
	done     chan struct{} // closed when no service is left, or by Abort
	doneOnce sync.Once
}

// ErrClosed is the error of a host that is closed, or about to be.
var ErrClosed = errors.New("host is closed")

// firstHandle is the first address of a service: skynet's own services have those below.
const firstHandle = 8

// New makes a host and starts its workers.
//
// # Errors
//
// Two modules of one name, or an option out of its range.
func New(opts ...Option) (*Host, error) {
	o := defaultOptions()
	for _, f := range opts {
		if err := f(&o); err != nil {
			return nil, fmt.Errorf("host: %w", err)
		}
	}
	h := &Host{
		options:   o,
		compiler:  vm.NewCompiler(),
		modules:   map[string]Module{},
		scheduler: newScheduler(),
		timers:    newTimers(o.clock),
		log:       newLogger(o.output),
		services:  map[Handle]*Service{},
		last:      firstHandle - 1,
		names:     map[string]Handle{},
		env:       maps.Clone(o.env),
		local:     map[any]any{},
		done:      make(chan struct{}),
	}
	h.limits = o.limits
	for _, m := range o.modules {
		if _, taken := h.modules[m.Name]; taken {
			return nil, fmt.Errorf("host: two modules are named %q", m.Name)
		}
		h.modules[m.Name] = m
	}
	h.libraries = h.newLibraries()
	h.scheduler.start(o.workers)
	return h, nil
}

// Close ends all services and waits until they are gone: their listeners stop, their sockets are flushed and closed.
// When ctx ends first, what still runs is interrupted and ctx's error returned.
func (h *Host) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closing = true
	h.mu.Unlock()
	h.Abort()
	gone := make(chan struct{})
	go func() {
		h.running.Wait()
		close(gone)
	}()
	var err error
	select {
	case <-gone:
	case <-ctx.Done():
		err = ctx.Err()
		h.interruptAll("host is closing")
		<-gone
	}
	h.timers.close()
	h.scheduler.stop()
	h.log.close()
	return err
}

// Abort asks all services to end, and does not wait for them.
func (h *Host) Abort() {
	for _, s := range h.Services() {
		s.Kill()
	}
}

// Done is closed when the last service has ended.
func (h *Host) Done() <-chan struct{} { return h.done }

func (h *Host) interruptAll(reason string) {
	for _, s := range h.Services() {
		s.interrupt(reason)
	}
}

// Services returns the services that live, in no order.
func (h *Host) Services() []*Service {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*Service, 0, len(h.services))
	for _, s := range h.services {
		all = append(all, s)
	}
	return all
}

// Service returns the service at an address, or nil.
func (h *Host) Service(a Handle) *Service {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.services[a]
}

// send puts a message into the mailbox of a service. It reports false when there is none at that address.
func (h *Host) send(m Message, to Handle) bool {
	s := h.Service(to)
	return s != nil && s.push(m)
}

// Post sends a message from outside of any service. It reports false when there is no service at that address.
func (h *Host) Post(to Handle, m Message) bool { return h.send(m, to) }

// remove forgets a service that has ended.
func (h *Host) remove(s *Service) {
	h.mu.Lock()
	delete(h.services, s.handle)
	for name, a := range h.names {
		if a == s.handle {
			delete(h.names, name)
		}
	}
	last := len(h.services) == 0
	h.mu.Unlock()
	h.running.Done()
	if last {
		h.doneOnce.Do(func() { close(h.done) })
	}
}

// Register gives a service a name; false when another service has it.
func (h *Host) Register(name string, a Handle) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if old, taken := h.names[name]; taken && old != a {
		return false
	}
	h.names[name] = a
	return true
}

// Lookup returns the address of a named service; ok is false when nobody has the name.
func (h *Host) Lookup(name string) (a Handle, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a, ok = h.names[name]
	return a, ok
}

// Getenv returns what skynet.getenv gives: the settings of the host, not the process's environment.
func (h *Host) Getenv(key string) (value string, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	value, ok = h.env[key]
	return value, ok
}

// Setenv adds a setting; false when it exists already, as skynet never changes one.
func (h *Host) Setenv(key, value string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.env[key]; ok {
		return false
	}
	h.env[key] = value
	return true
}

// Local returns what a binding keeps for the host, made by init at the first call. Keys are as in context.WithValue.
func (h *Host) Local(key any, init func() any) any {
	h.mu.Lock()
	defer h.mu.Unlock()
	v, ok := h.local[key]
	if !ok {
		v = init()
		h.local[key] = v
	}
	return v
}

// Now returns the hundredths of a second since the host's start, counted from the hundredths of that second.
func (h *Host) Now() int64 { return h.timers.now() }

// StartTime returns when the host was made.
func (h *Host) StartTime() time.Time { return h.timers.start }

// Clock returns the host's clock.
func (h *Host) Clock() Clock { return h.options.clock }

// After answers a session of s when ticks hundredths of a second have passed: at once, behind the messages that wait,
// when ticks is 0 or less.
func (s *Service) After(ticks int64, session int) {
	if ticks <= 0 {
		s.Deliver(session, nil)
		return
	}
	s.host.timers.after(ticks, func() { s.Deliver(session, nil) })
}

// Kill ends the service after the message that it handles. It may be called from any goroutine.
func (s *Service) Kill() {
	s.Post(func(s *Service) { s.exiting = true })
}
