package host

import (
	"strconv"
	"strings"
	"sync"
)

// names are those of services: ".x" is one of this host, any other one is global to skynet's network of nodes.
type names struct {
	mu      sync.RWMutex
	handles map[string]Handle
	waiting map[string][]Message // for global names that nobody has yet
	held    int                  // messages in waiting
}

// maxHeld bounds the messages that wait for global names.
const maxHeld = 1 << 16

func newNames() *names {
	return &names{handles: map[string]Handle{}, waiting: map[string][]Message{}}
}

// Register gives a service a name; false when another service has it. A name that begins with a dot is local to the
// host. Messages that were sent to a global name before are delivered now.
func (h *Host) Register(name string, a Handle) bool {
	n := h.names
	n.mu.Lock()
	if old, taken := n.handles[name]; taken && old != a {
		n.mu.Unlock()
		return false
	}
	n.handles[name] = a
	held := n.waiting[name]
	delete(n.waiting, name)
	n.held -= len(held)
	n.mu.Unlock()
	s := h.directory.find(a)
	if s != nil {
		s.named.Store(true)
	}
	for _, m := range held {
		if !h.deliver(a, m, nil) {
			h.refuse(m, a)
		}
	}
	return true
}

// refuse tells who sent a message that nobody will answer it.
func (h *Host) refuse(m Message, to Handle) {
	if !m.asks() {
		return
	}
	if s := h.directory.find(m.Source); s != nil {
		s.push(Message{Type: TypeError, Source: to, Session: m.Session}, nil)
	}
}

// Lookup returns the address of a named service; ok is false when nobody has the name.
func (h *Host) Lookup(name string) (a Handle, ok bool) {
	h.names.mu.RLock()
	defer h.names.mu.RUnlock()
	a, ok = h.names.handles[name]
	return a, ok
}

// forget takes away the names of a service.
func (n *names) forget(a Handle) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for name, b := range n.handles {
		if a == b {
			delete(n.handles, name)
		}
	}
}

// hold keeps a message for a global name, unless somebody has it by now: first is true when it is the only one. ok is
// false when too many are held.
func (n *names) hold(name string, m Message) (a Handle, first, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if a, taken := n.handles[name]; taken {
		return a, false, true
	}
	if n.held >= maxHeld {
		return 0, false, false
	}
	n.held++
	n.waiting[name] = append(n.waiting[name], m)
	return 0, len(n.waiting[name]) == 1, true
}

// ParseHandle reads an address as skynet writes it: ":0000000a".
func ParseHandle(text string) (Handle, bool) {
	digits, ok := strings.CutPrefix(text, ":")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	return Handle(n), err == nil
}

// SendName is Send by ":address" or name. A message to a global name that nobody has yet waits until somebody
// registers it; then to is 0.
func (s *Service) SendName(name string, m Message) (to Handle, ok bool) {
	if strings.HasPrefix(name, ":") {
		to, _ = ParseHandle(name)
		return to, s.Send(to, m)
	}
	to, ok = s.host.Lookup(name)
	if !ok {
		if name == "" || name[0] == '.' {
			return 0, false
		}
		if m.Source == 0 {
			m.Source = s.handle
		}
		var first bool
		if to, first, ok = s.host.names.hold(name, m); to == 0 {
			if r := s.host.remote.Load(); first && r != nil {
				(*r).Ask(name)
			}
			return 0, ok
		}
	}
	return to, s.Send(to, m)
}
