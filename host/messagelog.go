package host

// messageLog is told what a service handles.
type messageLog struct {
	handled func(Message)
	end     func(Handle)
}

// SetMessageLog has handled called, in the service's turn, with each message before the service handles it, until
// another call or the service's end; then end is called, once. Nil functions end the log. What sockets deliver to the
// service otherwise than by messages is not told. It may be called from any goroutine.
func (s *Service) SetMessageLog(handled func(Message), end func(Handle)) {
	var l *messageLog
	if handled != nil {
		l = &messageLog{handled, end}
	}
	s.swapMessageLog(l)
	if l != nil && s.Context().Err() != nil { // it has ended meanwhile
		s.swapMessageLog(nil)
	}
}

// MessagesLogged reports whether SetMessageLog has given the service a log. It may be called from any goroutine.
func (s *Service) MessagesLogged() bool { return s.messages.Load() != nil }

func (s *Service) swapMessageLog(l *messageLog) {
	if old := s.messages.Swap(l); old != nil {
		old.end(s.handle)
	}
}
