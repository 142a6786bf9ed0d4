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
	"sync/atomic"
	"time"

	"github.com/luahost/luahost/host/internal/watch"
	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// Host runs services. Make it with New, end it with Close. Its methods may be called from any goroutine.
type Host struct {
	options       options
	compiler      *vm.Compiler
	stacks        vm.Stacks
	libraries     *lib.Set
	packageReload vm.Value
	modules       map[string]Module
	loaders       map[string]vm.Value // of modules
	scheduler     *scheduler
	timers        *timers
	directory     *directory
	names         *names
	blocks        blocks
	limits        limits
	log           *logger
	code          *codebase
	reloads       sync.Mutex // held during a reload: there is one at a time
	watcher       atomic.Pointer[watch.Watcher]
	reports       reports

	mu          sync.Mutex
	dirs        []string // of started scripts
	servicePath []string
	modulePath  string
	env         map[string]string
	closing     bool
	caller      *Service              // in whose name Go code sends; see client
	live        int                   // services, but for caller
	ending      map[*Service]struct{} // that nobody finds any more, but that have not ended yet
	running     sync.WaitGroup
	done        chan struct{} // closed when no service is left
	doneOnce    sync.Once
	closeOnce   sync.Once
	closed      chan struct{} // Close has come to its end

	onEnd     atomic.Pointer[func(*Service)]
	remote    atomic.Pointer[Remote]
	launchLog atomic.Bool
	reaped    atomic.Int64

	unpackers sync.Pool // of *unpacker

	localMu sync.Mutex
	local   map[any]any
}

// ErrClosed is the error of a host that is closed, or about to be.
var ErrClosed = errors.New("host is closed")

// errFull is the error of a host all of whose addresses are in use.
var errFull = errors.New("no address is left for another service")

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
		loaders:   map[string]vm.Value{},
		scheduler: newScheduler(o.workers),
		timers:    newTimers(o.clock),
		directory: newDirectory(o.first, o.harbor),
		names:     newNames(),
		limits:    o.limits,
		log:       newLogger(o.output, o.logTo),
		code:      newCodebase(o.sandbox),
		env:       maps.Clone(o.env),
		local:     map[any]any{},
		ending:    map[*Service]struct{}{},
		done:      make(chan struct{}),
		closed:    make(chan struct{}),
	}
	for _, m := range append([]Module{reloadModule()}, o.modules...) {
		if _, taken := h.modules[m.Name]; taken {
			return nil, fmt.Errorf("host: two modules are named %q", m.Name)
		}
		if !m.Ambient || !o.sandbox {
			h.modules[m.Name] = m
			h.loaders[m.Name] = m.newLoader()
		}
	}
	h.code.disk.allowTemplates(append(o.servicePath, o.modulePath...))
	h.libraries = h.newLibraries()
	h.unpackers.New = newUnpacker
	h.packageReload = vm.Function("package.reload", packageReload)
	h.setPaths()
	if o.rollback.Rate > 0 {
		h.compiler.CountCalls()
	}
	h.scheduler.endless = h.reportEndless
	h.scheduler.whenIdle = h.Flush
	h.scheduler.start()
	if o.reapAfter > 0 {
		go h.reap(o.reapAfter)
	}
	return h, nil
}

// Flush writes out what scripts have printed. The host does so itself when it has nothing else to do.
func (h *Host) Flush() { _ = h.libraries.Flush() }

func (h *Host) reportEndless(source, to Handle, version uint64) {
	if s := h.directory.find(to); s != nil {
		s.endless.Store(true)
		h.Logf(0, "error: A message from [ %s ] to [ %s ] maybe in an endless loop (version = %d)", source, to, version)
	}
}

// Close ends all services and waits until they are gone: their listeners stop, their sockets are flushed and closed.
// When ctx ends first, what still runs is interrupted and ctx's error returned. A second call waits for the first.
func (h *Host) Close(ctx context.Context) error {
	err := ctx.Err()
	h.closeOnce.Do(func() {
		err = h.close(ctx)
		close(h.closed)
	})
	<-h.closed
	return err
}

func (h *Host) close(ctx context.Context) error {
	h.drain(ctx)
	h.mu.Lock()
	h.closing = true
	caller := h.caller
	h.mu.Unlock()
	h.Abort()
	if caller != nil {
		caller.Kill()
	}
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
		h.interruptAll("host is closing", gone)
	}
	h.finish(ctx)
	h.timers.close()
	h.scheduler.stop()
	_ = h.libraries.Close()
	h.code.disk.close()
	return err
}

// interruptAll ends what services are running, again and again: a task that is interrupted may be followed by another.
func (h *Host) interruptAll(reason string, gone <-chan struct{}) {
	for {
		h.mu.Lock()
		for s := range h.ending {
			s.interrupt(reason)
		}
		h.mu.Unlock()
		select {
		case <-gone:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Abort asks all services to end, and does not wait for them.
func (h *Host) Abort() {
	for _, s := range h.Services() {
		s.Kill()
	}
}

// Done is closed when the last service has ended.
func (h *Host) Done() <-chan struct{} { return h.done }

// Services returns the services that live, in no order.
func (h *Host) Services() []*Service {
	h.mu.Lock()
	caller := h.caller
	h.mu.Unlock()
	list := h.directory.all()
	for i, s := range list {
		if s == caller {
			return append(list[:i], list[i+1:]...)
		}
	}
	return list
}

// Service returns the service at an address, or nil.
func (h *Host) Service(a Handle) *Service { return h.directory.find(a) }

// Post sends a message from outside of any service. It reports false when there is no service at that address.
func (h *Host) Post(to Handle, m Message) bool {
	return h.deliver(to, m, nil)
}

// add gives a service its address.
func (h *Host) add(s *Service) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return ErrClosed
	}
	if !h.directory.add(s) {
		return errFull
	}
	h.running.Add(1)
	h.live++
	return nil
}

// forget takes a service out of the directory: from now on there is none at its address.
func (h *Host) forget(s *Service) {
	if !h.directory.remove(s) {
		return
	}
	h.mu.Lock()
	h.ending[s] = struct{}{}
	h.mu.Unlock()
	if s.named.Load() {
		h.names.forget(s.handle)
	}
}

// ended counts a service that is gone.
func (h *Host) ended(s *Service) {
	h.mu.Lock()
	delete(h.ending, s)
	if s != h.caller {
		h.live--
	}
	last := h.live == 0 && s != h.caller
	h.mu.Unlock()
	h.running.Done()
	if f := h.onEnd.Load(); f != nil {
		(*f)(s)
	}
	if last {
		h.Flush()
		h.doneOnce.Do(func() { close(h.done) })
	}
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
	h.localMu.Lock()
	defer h.localMu.Unlock()
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
	s.host.timers.after(ticks, s, session)
}
