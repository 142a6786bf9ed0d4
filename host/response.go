package host

// Response is the answer to a request that is given later, by whatever task (skynet.response).
// Its methods are called in the turn of the service that made it.
type Response struct {
	service *Service
	session int
	source  Handle
}

// Postpone makes the running task's request one that is answered later. ok is false when the task handles none,
// or has answered it.
func (s *Service) Postpone() (r *Response, ok bool) {
	session, source, ok := s.TakeRequest()
	if !ok {
		return nil, false
	}
	r = &Response{s, session, source}
	if session != 0 {
		if s.responses == nil {
			s.responses = map[*Response]struct{}{}
		}
		s.responses[r] = struct{}{}
	}
	return r, true
}

// Asked reports whether the message asks for an answer at all.
func (r *Response) Asked() bool { return r.session != 0 }

// Open reports whether the request is not answered yet, and who asked is not known to be gone.
func (r *Response) Open() bool {
	_, open := r.service.responses[r]
	return open
}

// Answer answers the request. It reports false when that can't be done: it is answered, or nobody waits.
func (r *Response) Answer(data []byte) bool {
	return r.send(Message{Type: TypeResponse, Session: r.session, Data: data})
}

// Fail tells who asked that there will be no answer: its call fails. The result is that of Answer.
func (r *Response) Fail() bool { return r.send(Message{Type: TypeError, Session: r.session}) }

func (r *Response) send(m Message) bool {
	if !r.Open() {
		return false
	}
	delete(r.service.responses, r)
	return r.service.Send(r.source, m)
}
