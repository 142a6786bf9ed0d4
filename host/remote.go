package host

// Remote carries messages to the other nodes of a network. Its methods are called from many goroutines and don't block.
type Remote interface {
	// Send sends a message that has a source to a service of another node, or has it wait for that node. It reports
	// false when that can't be done.
	Send(to Handle, m Message) bool
	// Ask asks the network whose a global name is. When that is known, Host.Register is called.
	Ask(name string)
}

// SetRemote has messages to other nodes carried by r. Without one, there is nobody at their addresses.
func (h *Host) SetRemote(r Remote) { h.remote.Store(&r) }

// deliver sends a message to a service of this node or another.
func (h *Host) deliver(to Handle, m Message, by *worker) bool {
	if s := h.directory.find(to); s != nil {
		return s.push(m, by)
	}
	if h.IsLocal(to) {
		return false
	}
	r := h.remote.Load()
	return r != nil && (*r).Send(to, m)
}

// NodeGone fails the requests that services have sent to the services of another node.
func (h *Host) NodeGone(harbor uint8) {
	for _, s := range h.Services() {
		s.Post(func(s *Service) {
			for session, w := range s.sessions {
				if w.request && uint8(w.peer>>24) == harbor {
					s.FailRequest(session)
				}
			}
		})
	}
}
