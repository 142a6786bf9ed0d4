package host

// hold keeps the turn of the service when its holder has handled the message that it is at: messages wait, and no
// goroutine does. From when the result is closed until Service.release, who called hold may do what only the service's
// turn may do. The result is nil when nobody has the turn, or the service has ended.
func (b *mailbox) hold() (held <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn != turnRunning {
		return nil
	}
	b.turn = turnLeaving
	b.held = make(chan struct{})
	return b.held
}

// leaves ends a turn that is to be held; b is locked.
func (b *mailbox) leaves() {
	if b.turn == turnLeaving {
		b.turn = turnHeld
		close(b.held)
		b.held = nil
	}
}

// release ends a hold. It reports whether messages wait, and the service must be put in the run queue.
func (b *mailbox) release() (wake bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn != turnHeld {
		return false
	}
	if b.count > 0 {
		b.turn = turnQueued
		return true
	}
	b.turn = turnIdle
	return false
}

// release lets a held service go on.
func (s *Service) release() {
	if s.box.release() {
		s.host.scheduler.push(s)
	}
}
