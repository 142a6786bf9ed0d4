package host

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// What makes a host a node, as skynet's program runs one.

// WithAddresses sets the first address that a service gets, and the harbor id that the top byte of all addresses has:
// 0 for a node that is alone, or 1 to 255.
func WithAddresses(first Handle, harbor uint8) Option {
	return func(o *options) error {
		if first == 0 || first > lastHandle {
			return fmt.Errorf("first address %d: want 1 to %d", first, lastHandle)
		}
		o.first, o.harbor = first, harbor
		return nil
	}
}

// WithLaunchLog has services that start and end logged, as skynet does: LAUNCH and KILL lines.
func WithLaunchLog() Option {
	return func(o *options) error {
		o.launchLog = true
		return nil
	}
}

// WithLogTo has the log written to w, with the time in front of each line as skynet does in files, instead of to where
// scripts print to.
func WithLogTo(w io.Writer) Option {
	return func(o *options) error {
		o.logTo = w
		return nil
	}
}

// Harbor returns the node's number among those of a network.
func (h *Host) Harbor() uint8 { return h.options.harbor }

// IsLocal reports whether an address is one of this node.
func (h *Host) IsLocal(a Handle) bool {
	top := uint8(a >> 24)
	return top == 0 || top == h.options.harbor
}

// LogBy has the log's lines sent to a service, as messages of type text, instead of written.
func (h *Host) LogBy(a Handle) { h.log.service.Store(uint32(a)) }

// AddService starts a service that is Go code. open is called in its turn before it gets messages; the error ends it.
// The command line args is for the log.
func (h *Host) AddService(name string, args []string, open func(*Service) error) (*Service, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{host: h, name: name, args: args, ctx: ctx, cancel: cancel}
	if err := h.add(s); err != nil {
		cancel()
		return nil, err
	}
	s.Post(func(s *Service) {
		if err := open(s); err != nil {
			s.host.Logf(s.handle, "%s: %v", name, err)
			s.exiting = true
		}
	})
	return s, nil
}

// LogLaunch logs the start of a service by the command line that started it.
func (h *Host) LogLaunch(s *Service, kind string) {
	if h.options.launchLog {
		h.Logf(s.handle, "LAUNCH %s", strings.Join(append([]string{kind}, s.commandLine()...), " "))
	}
}

func (s *Service) commandLine() []string { return append([]string{s.name}, s.args...) }

// LogKill logs that by ends the service at an address.
func (h *Host) LogKill(by, a Handle) {
	switch {
	case !h.options.launchLog:
	case by == a:
		h.Log(by, "KILL self")
	default:
		h.Logf(by, "KILL :%0x", uint32(a))
	}
}

// WriteLog writes a line to the log, also when a service gets those: for that service.
func (h *Host) WriteLog(source Handle, text string) {
	h.flush()
	h.log.log(source, text)
}
