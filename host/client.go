package host

import (
	"context"
	"errors"
	"fmt"
)

var (
	// ErrNoService is the error of a message to an address where there is no service.
	ErrNoService = errors.New("no service at this address")
	// ErrCallFailed is the error of a request that the service failed to answer: its handler raised an error, which the
	// log tells of, or the service ended.
	ErrCallFailed = errors.New("call failed")
)

// Send sends a message of type "lua" to a service. The arguments are of the types that PackAny takes.
//
// # Errors
//
// An argument of another type, ErrNoService, or ErrClosed.
func (h *Host) Send(to Handle, args ...any) error {
	data, err := PackAny(args...)
	if err != nil {
		return err
	}
	caller, err := h.client()
	if err != nil {
		return err
	}
	if !h.Post(to, Message{Type: TypeLua, Source: caller.handle, Data: data}) {
		return fmt.Errorf("%w: %s", ErrNoService, to)
	}
	return nil
}

// Call sends a request of type "lua" to a service and waits for its answer. Arguments and results are of the types of
// PackAny and UnpackAny.
//
// # Errors
//
// An argument of another type, ErrNoService, ErrCallFailed, ErrClosed, or ctx ended before the answer came.
func (h *Host) Call(ctx context.Context, to Handle, args ...any) ([]any, error) {
	data, err := PackAny(args...)
	if err != nil {
		return nil, err
	}
	caller, err := h.client()
	if err != nil {
		return nil, err
	}
	r, err := caller.request(ctx, to, data)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %s", err, to)
	case !r.OK:
		return nil, fmt.Errorf("%w: %s", ErrCallFailed, to)
	}
	return UnpackAny(r.Message.Data)
}

// request asks a service on behalf of another goroutine.
func (s *Service) request(ctx context.Context, to Handle, data []byte) (Reply, error) {
	type result struct {
		reply Reply
		err   error
	}
	done := make(chan result, 1)
	session := 0
	asked := s.Post(func(s *Service) {
		session = s.NewSession()
		s.AwaitPeer(to, session, func(r Reply) { done <- result{reply: r} })
		if !s.Send(to, Message{Type: TypeLua, Session: session, Data: data}) {
			s.Forget(session)
			done <- result{err: ErrNoService}
		}
	})
	if !asked {
		return Reply{}, ErrClosed
	}
	select {
	case r := <-done:
		return r.reply, r.err
	case <-s.Context().Done():
		return Reply{}, ErrClosed
	case <-ctx.Done():
		s.Post(func(s *Service) { s.Ignore(session) })
		return Reply{}, ctx.Err()
	}
}

// client returns the service in whose name Go code sends messages. It has no script.
func (h *Host) client() (*Service, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closing:
		return nil, ErrClosed
	case h.caller != nil:
		return h.caller, nil
	}
	s := &Service{host: h, name: "go"}
	if !h.directory.add(s) {
		return nil, errFull
	}
	h.running.Add(1)
	h.caller = s
	return s, nil
}
