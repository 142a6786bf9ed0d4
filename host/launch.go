package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/luahost/luahost/vm"
)

// ErrStart is the error of a service whose script failed before it was ready; the log tells why.
var ErrStart = errors.New("service failed to start")

// Start starts a service and waits until it is ready: its script has run, and the function it gave to skynet.start
// has returned. script is a file (its name ends in .lua), or the name of a service on the service path.
//
// # Errors
//
// The file is missing or has a syntax error (with file and line), the script fails (ErrStart, the log has the traceback),
// ctx ends, or the host is closed. In all these cases the service is gone.
func (h *Host) Start(ctx context.Context, script string, args ...string) (Handle, error) {
	if strings.HasSuffix(script, ".lua") {
		h.addServiceDir(filepath.Dir(script))
	}
	type result struct {
		handle Handle
		err    error
	}
	done := make(chan result, 1)
	s, err := h.Launch(script, args, func(a Handle, err error) { done <- result{a, err} })
	if err != nil {
		return 0, err
	}
	select {
	case r := <-done:
		return r.handle, r.err
	case <-ctx.Done():
		s.interrupt("start was cancelled")
		s.Kill()
		return 0, ctx.Err()
	}
}

// addServiceDir makes the folder of a started script the first place where services are looked up.
func (h *Host) addServiceDir(dir string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	template := filepath.Join(dir, "?.lua")
	for _, t := range h.options.servicePath {
		if t == template {
			return
		}
	}
	h.options.servicePath = append([]string{template}, h.options.servicePath...)
}

// Launch starts a service without waiting. started is called once: with the address, or an error; with address 0 and
// no error when the service ended itself while starting. It must not block.
func (h *Host) Launch(script string, args []string, started func(Handle, error)) (*Service, error) {
	file, text, err := h.findService(script)
	if err != nil {
		return nil, err
	}
	proto, err := h.compiler.Compile(text, "@"+file)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{
		host: h, name: serviceName(script), file: file, args: args, ctx: ctx, cancel: cancel, launched: started,
		local: map[any]any{}, tasks: map[*vm.Thread]*Task{}, sessions: map[int]*Task{},
		watching: map[int]Handle{}, sleepers: map[any]int{},
	}
	if err := h.add(s); err != nil {
		cancel()
		return nil, err
	}
	s.Post(func(s *Service) { s.run(proto) })
	return s, nil
}

func serviceName(script string) string {
	return strings.TrimSuffix(filepath.Base(script), ".lua")
}

// add gives a service its address.
func (h *Host) add(s *Service) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return ErrClosed
	}
	for {
		h.last = (h.last + 1) & 0xffffff
		if h.last == 0 {
			continue
		}
		if _, used := h.services[h.last]; !used {
			break
		}
	}
	s.handle = h.last
	h.services[s.handle] = s
	h.running.Add(1)
	return nil
}

// findService reads the script of a service: a file, or the first match on the service path.
func (h *Host) findService(script string) (file, text string, err error) {
	if strings.HasSuffix(script, ".lua") {
		b, err := os.ReadFile(script)
		return script, string(b), err
	}
	h.mu.Lock()
	templates := h.options.servicePath
	h.mu.Unlock()
	var tried []string
	for _, t := range templates {
		file := strings.ReplaceAll(t, "?", script)
		b, err := os.ReadFile(file)
		if err == nil {
			return file, string(b), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", "", err
		}
		tried = append(tried, file)
	}
	if h.options.library != nil {
		file := path.Join("service", script+".lua")
		if b, err := fs.ReadFile(h.options.library, file); err == nil {
			return file, string(b), nil
		}
	}
	return "", "", fmt.Errorf("no service %q: cannot open %s", script, strings.Join(tried, ", "))
}

// run makes the state and runs the script in the service's first turn.
func (s *Service) run(proto *vm.Proto) {
	s.stateMu.Lock()
	s.state = vm.NewState(vm.Options{Compiler: s.host.compiler, Host: s})
	s.stateMu.Unlock()
	if n := s.host.limits.memory; n > 0 {
		s.state.SetMemoryLimit(n)
	}
	s.host.limits.begin(s.state)
	s.host.libraries.Open(s.state)
	g := s.state.Globals()
	g.SetString("SERVICE_NAME", vm.String(s.name))
	g.SetString("SERVICE_PATH", vm.String(filepath.Dir(s.file)+string(filepath.Separator)))
	args := make([]vm.Value, len(s.args))
	for i, a := range s.args {
		args[i] = vm.String(a)
	}
	t := s.newTask(s.state.NewFunction(proto, g.Value()))
	t.end = func(outcome vm.Outcome) {
		switch {
		case outcome == vm.Failed:
			s.startFailed()
		case !s.starting:
			s.started(nil) // a script without skynet.start is ready when it has run
		}
	}
	s.resume(t, args...)
}

// Start has f run when the script has: the service is ready when f returns. A service that fails in f ends.
func (s *Service) Start(f vm.Value) {
	s.starting = true
	s.Post(func(s *Service) {
		t := s.newTask(f)
		t.end = func(outcome vm.Outcome) {
			if outcome == vm.Failed {
				s.startFailed()
				return
			}
			s.started(nil)
		}
		s.resume(t)
	})
}

func (s *Service) startFailed() {
	s.host.Logf(s.handle, "init service failed: %s", s.failure)
	s.started(fmt.Errorf("%w: %s", ErrStart, firstLine(s.failure)))
	s.exiting = true
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// interrupt ends what the service is running. It may be called from any goroutine.
func (s *Service) interrupt(reason string) {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	if s.state != nil {
		s.state.Interrupt(reason)
	}
}
