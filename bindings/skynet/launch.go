package skynet

import (
	"errors"
	"strings"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

func start(c *vm.Call) error {
	in := of(c)
	f := c.CheckFunction(1)
	in.service.SetReceiver(in)
	in.service.Start(f)
	return nil
}

func exit(c *vm.Call) error { return of(c).service.Exit(c) }

// launched is what a launch has come to.
type launched struct {
	handle host.Handle // 0: the service ended itself while starting
	err    error
}

// words splits a command line as skynet's loader does.
func words(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' })
}

func newService(c *vm.Call) error {
	s := of(c).service
	if ok, err := instanceOf(s).newServiceInNode(c); ok {
		return err
	}
	line, err := concat(c, 1)
	if err != nil {
		return instanceOf(s).launchFailed(c, err)
	}
	if err := s.CheckWait(c); err != nil {
		return err
	}
	session := s.NewSession()
	if err := launchFor(s, words(line), func(r launched) { s.Deliver(session, r) }); err != nil {
		return instanceOf(s).launchFailed(c, err)
	}
	return s.Wait(c, session, newServiceLaunched)
}

func newServiceLaunched(c *vm.Call, r host.Reply) error {
	switch l, _ := r.Message.Value.(launched); {
	case l.err != nil:
		return c.Errorf("call failed")
	case l.handle == 0:
		return c.Return(vm.Nil())
	default:
		return c.Return(vm.Int(int(l.handle)))
	}
}

// launchFailed logs what could not even be tried, and raises what a script expects then.
func (in *instance) launchFailed(c *vm.Call, err error) error {
	s := in.service
	s.Host().Logf(s.Address(), "%slaunch: %v", c.Where(1), err)
	return c.Errorf("call failed")
}

var errNoName = errors.New("no service name")

// launchFor starts a service; done is called once, from any goroutine, when it is ready or has failed.
func launchFor(s *host.Service, line []string, done func(launched)) error {
	if len(line) == 0 {
		return errNoName
	}
	_, err := s.Host().Launch(line[0], line[1:], func(a host.Handle, err error) { done(launched{a, err}) })
	return err
}

func launch(c *vm.Call) error {
	in := of(c)
	s := in.service
	text, err := concat(c, 1)
	if err != nil {
		return err
	}
	if a := launchLine(s, words(text), text); a != 0 {
		return c.Return(vm.Int(int(a)))
	}
	return c.Return(vm.Nil())
}

func kill(c *vm.Call) error {
	d, err := destinationOf(c, c.Arg(1))
	if err != nil {
		return err
	}
	of(c).kill(d)
	return nil
}

func abort(c *vm.Call) error {
	of(c).service.Host().Abort()
	return nil
}

// Services of which there is one.

// unique are the services of a host of which there is one each, by name; those of the whole network begin with "@".
type unique struct {
	mu      sync.Mutex
	entries map[string]*uniqueEntry
}

type uniqueEntry struct {
	launching bool
	done      bool
	result    launched
	waiting   []func(launched)
}

type uniqueKey struct{}

func uniqueOf(h *host.Host) *unique {
	return h.Local(uniqueKey{}, func() any { return &unique{entries: map[string]*uniqueEntry{}} }).(*unique)
}

// entry returns the entry of a name; u is locked.
func (u *unique) entry(name string) *uniqueEntry {
	e := u.entries[name]
	if e == nil {
		e = &uniqueEntry{}
		u.entries[name] = e
	}
	return e
}

func (u *unique) finish(e *uniqueEntry, r launched) {
	u.mu.Lock()
	e.done, e.result = true, r
	waiting := e.waiting
	e.waiting = nil
	u.mu.Unlock()
	for _, f := range waiting {
		f(r)
	}
}

func uniqueService(c *vm.Call) error { return findUnique(c, true) }

func queryService(c *vm.Call) error { return findUnique(c, false) }

func findUnique(c *vm.Call, mayLaunch bool) error {
	s := of(c).service
	if ok, err := instanceOf(s).findUniqueInNode(c, mayLaunch); ok {
		return err
	}
	first, prefix := 1, ""
	if global, _ := c.Arg(1).AsBool(); global {
		first, prefix = 2, "@"
	}
	c.CheckString(first)
	text, err := concat(c, first)
	if err != nil {
		return instanceOf(s).launchFailed(c, err)
	}
	line := words(text)
	if len(line) == 0 {
		return c.ArgError(first, "no service name")
	}
	if err := s.CheckWait(c); err != nil {
		return err
	}
	session := s.NewSession()
	name := prefix + line[0]
	if line[0] == "snaxd" && len(line) > 1 {
		name += "." + line[1]
	}
	u := uniqueOf(s.Host())
	u.mu.Lock()
	e := u.entry(name)
	if e.done {
		u.mu.Unlock()
		s.Deliver(session, e.result)
		return s.Wait(c, session, uniqueFound)
	}
	e.waiting = append(e.waiting, func(r launched) { s.Deliver(session, r) })
	starts := mayLaunch && !e.launching
	e.launching = e.launching || starts
	u.mu.Unlock()
	if starts {
		if err := launchFor(s, line, func(r launched) { u.finish(e, r) }); err != nil {
			u.finish(e, launched{err: err})
		}
	}
	return s.Wait(c, session, uniqueFound)
}

func uniqueFound(c *vm.Call, r host.Reply) error {
	l, _ := r.Message.Value.(launched)
	if l.err != nil || l.handle == 0 {
		return c.Errorf("call failed")
	}
	return c.Return(vm.Int(int(l.handle)))
}
