package websocket

import (
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// inbox keeps the messages of a connection that a script reads with read. When it is full the connection's goroutine
// waits, and with it the peer; while there is room, pings are answered also when nobody reads.
type inbox struct {
	mu       sync.Mutex
	messages []message
	bytes    int
	room     chan struct{} // closed when there is room again; nil when nobody waits for that
	reader   int           // session of the task that reads; 0 when none does
	end      *ws.Close
}

type message struct {
	data []byte
	op   ws.Opcode
}

const (
	inboxBytes    = 1 << 20
	inboxMessages = 1024
)

// put adds a message, and waits for room first.
func (b *inbox) put(s *session, data []byte, op ws.Opcode) {
	b.mu.Lock()
	for b.bytes >= inboxBytes || len(b.messages) >= inboxMessages {
		if b.room == nil {
			b.room = make(chan struct{})
		}
		room := b.room
		b.mu.Unlock()
		select {
		case <-room:
		case <-s.givenUp():
			return
		}
		b.mu.Lock()
	}
	b.messages = append(b.messages, message{data, op})
	b.bytes += len(data)
	b.wake(s.service)
	b.mu.Unlock()
}

// finish tells the reader that nothing more comes.
func (b *inbox) finish(s *session, end *ws.Close) {
	b.mu.Lock()
	b.end = end
	b.wake(s.service)
	b.mu.Unlock()
}

func (b *inbox) wake(svc *host.Service) {
	if session := b.reader; session != 0 {
		b.reader = 0
		svc.Deliver(session, nil)
	}
}

// take returns the next message, or how the connection ended; neither when there is none yet.
func (b *inbox) take() (m message, ok bool, end *ws.Close) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.messages) == 0 {
		return m, false, b.end
	}
	m = b.messages[0]
	b.messages[0] = message{}
	if b.messages = b.messages[1:]; len(b.messages) == 0 {
		b.messages = nil
	}
	b.bytes -= len(m.data)
	if b.room != nil {
		close(b.room)
		b.room = nil
	}
	return m, true, nil
}

// expect registers the task that waits under session, unless there is something to take already, or another task waits.
func (b *inbox) expect(session int) (waits, taken bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.reader != 0:
		return false, true
	case len(b.messages) > 0 || b.end != nil:
		return false, false
	}
	b.reader = session
	return true, false
}

func read(c *vm.Call) error {
	id := c.CheckInt(1)
	s := poolIn(c).sessions[id]
	if s == nil || s.inbox == nil {
		return c.Errorf("websocket %d was not opened by connect in this service", id)
	}
	return s.read(c)
}

func (s *session) read(c *vm.Call) error {
	if m, ok, end := s.inbox.take(); ok {
		if err := c.State().Reserve(len(m.data)); err != nil {
			return err
		}
		op := textOp
		if m.op == ws.Binary {
			op = binaryOp
		}
		c.Push(vm.TakeBytes(m.data), op)
		return nil
	} else if end != nil {
		return s.readEnd(c, end)
	}
	if !s.service.CanWait(c) {
		return s.service.Suspend(c, 0, nil)
	}
	session := s.service.NewSession()
	waits, taken := s.inbox.expect(session)
	switch {
	case taken:
		return c.Errorf("another coroutine reads websocket %d", s.id)
	case !waits:
		return s.read(c)
	}
	return s.service.Suspend(c, session, s.read)
}

// readEnd answers a read behind the last message: false and the close frame's payload, or an error when there was none.
func (s *session) readEnd(c *vm.Call, end *ws.Close) error {
	s.forget()
	if end.Code == ws.StatusLost || end.Err != nil {
		return c.Errorf("websocket %d: %s", s.id, end.Reason)
	}
	c.Push(vm.Bool(false), vm.String(payload(end)))
	if end.Code != ws.StatusNone {
		c.Push(vm.Int(end.Code), vm.String(end.Reason))
	}
	return nil
}

// payload returns a close frame's payload (RFC 6455, section 5.5.1).
func payload(end *ws.Close) string {
	if end.Code == ws.StatusNone {
		return ""
	}
	return string([]byte{byte(end.Code >> 8), byte(end.Code)}) + end.Reason
}
