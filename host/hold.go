package host

// hold keeps the turn of the service when its holder has handled the message that it is at: messages wait, and no
// goroutine does. Who called hold may then do what only the service's turn may do, until it calls Service.release.
func (b *mailbox) hold() {
	b.mu.Lock()
	if b.turn == turnRunning {
		b.turn = turnHeld
	}
	b.mu.Unlock()
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
