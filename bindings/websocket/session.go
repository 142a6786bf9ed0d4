package websocket

import (
	"net/http"
	"sync"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// session is a connection as its service sees it. Its goroutine reads messages and runs the script's handler for each
// of them: in the service's turn, at once if the service is idle; and it waits for the handler to end, which may
// suspend. So the messages of a connection are handled in order, one after another.
type session struct {
	id      int
	pool    *pool
	service *host.Service
	conn    *ws.Conn // set in the service's turn, before the first event
	handle  *vm.Table
	addr    string
	request request
	inbox   *inbox // of a connection that was opened by connect

	event   event
	args    [3]vm.Value         // of the handler
	enter   func(*host.Service) // run, as a value that is made once
	end     func(vm.Outcome)    // ended, as a value that is made once
	done    chan struct{}       // told when the handler has ended, if the goroutine waits; nil until it first does
	waits   bool                // the goroutine waits, or is about to
	running bool                // the handler runs in run
	over    bool                // the handler has ended
	failure string              // of the handler that failed

	mu       sync.Mutex
	quit     chan struct{} // of givenUp; nil until somebody asks
	given    bool          // up
	ready    *ws.Conn      // conn, for other goroutines
	lame     bool
	warnedAt time.Time
}

// event is what happens to a connection.
type event struct {
	kind eventKind
	text string // a reason
	data []byte // a message
	op   ws.Opcode
	code int
	conn *ws.Conn
}

type eventKind uint8

const (
	eventConnect eventKind = iota
	eventHandshake
	eventMessage
	eventPing
	eventPong
	eventClose
	eventError
)

var eventNames = [...]string{"connect", "handshake", "message", "ping", "pong", "close", "error"}

// last tells that nothing follows.
func (e *event) last() bool { return e.kind == eventClose || e.kind == eventError }

var (
	textOp   = vm.String("text")
	binaryOp = vm.String("binary")
)

func (p *pool) newSession(id int, handle *vm.Table, addr string) *session {
	s := &session{id: id, pool: p, service: p.service, handle: handle, addr: addr}
	s.enter, s.end = s.run, s.ended
	return s
}

// tell calls the script's function for an event that has nothing but a kind.
func (s *session) tell(kind eventKind) {
	s.event = event{kind: kind}
	s.call()
}

// call runs the script's function for the event and waits for it to end.
//
// From here down to the interpreter the stack is kept small: a goroutine that stays within 4 KB of it, Lua included, is
// what makes an idle connection cheap.
func (s *session) call() {
	if !s.begin() {
		s.finish()
	}
}

// begin has the script's function run: now, if the service is idle. It reports false when that ends later: finish must
// follow.
func (s *session) begin() (done bool) {
	s.waits = false
	if s.service.Enter(s.enter) {
		return !s.waits
	}
	s.wait()
	if !s.service.Post(s.enter) {
		s.waits = false
		return true
	}
	return false
}

// finish waits for the function that begin has left behind.
func (s *session) finish() {
	select {
	case <-s.done:
	case <-s.givenUp():
	case <-s.service.Context().Done():
	}
}

// wait makes ready for a handler that ends later.
func (s *session) wait() {
	s.waits = true
	if s.done == nil {
		s.done = make(chan struct{}, 1)
	}
}

// run handles the event, in the service's turn.
func (s *session) run(svc *host.Service) {
	e := &s.event
	switch e.kind {
	case eventHandshake:
		s.conn = e.conn
		s.pool.sessions[s.id] = s
	}
	s.over = true
	if f := s.handler(e.kind); !f.IsNil() {
		if n := s.arguments(svc.State()); n > 0 {
			s.over, s.running = false, true
			if e.op == ws.Text {
				s.pool.incoming = e.data
			}
			e.data = nil
			svc.Run(f, s.end, s.args[:n]...)
			s.pool.incoming = nil
			s.running = false
			clear(s.args[:n])
		}
	}
	if s.over && e.last() {
		s.forget()
	}
	switch {
	case !s.over:
		s.wait()
		if s.conn != nil {
			s.conn.Flush() // what it has written so far must not wait for the rest
		}
	case s.waits:
		s.done <- struct{}{}
	}
}

// arguments sets the arguments for the event, and returns how many there are; 0 when there is no memory for them.
func (s *session) arguments(state *vm.State) int {
	e := &s.event
	s.args[0] = vm.Int(s.id)
	switch e.kind {
	case eventMessage:
		if err := state.Reserve(len(e.data)); err != nil {
			s.failed(err.Error())
			return 0
		}
		s.args[1], s.args[2] = vm.TakeBytes(e.data), textOp
		if e.op == ws.Binary {
			s.args[2] = binaryOp
		}
		return 3
	case eventHandshake:
		s.args[1], s.args[2] = s.request.table(state), vm.String(s.request.url)
		return 3
	case eventClose:
		if e.code != ws.StatusNone {
			s.args[1] = vm.Int(e.code)
		}
		s.args[2] = vm.String(e.text)
		return 3
	case eventError:
		s.args[1] = vm.String(e.text)
		return 2
	}
	return 1
}

// ended is called in the service's turn when the handler has ended.
func (s *session) ended(outcome vm.Outcome) {
	if outcome == vm.Failed {
		s.failed(s.service.Failure())
	}
	s.over = true
	if !s.running {
		if s.event.last() {
			s.forget()
		}
		s.done <- struct{}{}
	}
}

// failed reports an error of the handler and closes the connection for it.
func (s *session) failed(failure string) {
	s.service.Host().Logf(s.service.Address(), "websocket %d: error in the %s handler: %s", s.id, eventNames[s.event.kind], failure)
	s.failure = failure
	if s.conn != nil {
		s.conn.Fail(ws.StatusInternal, "internal error", errHandler)
	} else {
		s.abort()
	}
}

// handler returns the script's function for a kind of event, or nil. It is looked up for each event, so that scripts
// can replace it.
func (s *session) handler(kind eventKind) vm.Value {
	if s.handle == nil {
		return vm.Nil()
	}
	f := lookup(s.handle, eventNames[kind])
	if f.IsNil() && kind == eventError {
		s.event.kind = eventClose
		f = lookup(s.handle, "close")
	}
	return f
}

// lookup reads a field, as Lua does where __index is a table.
func lookup(t *vm.Table, name string) vm.Value {
	for depth := 0; t != nil && depth < 100; depth++ {
		if v := t.GetString(name); !v.IsNil() {
			return v
		}
		meta := t.Metatable()
		if meta == nil {
			break
		}
		t, _ = meta.GetString("__index").AsTable()
	}
	return vm.Nil()
}

func (s *session) forget() { delete(s.pool.sessions, s.id) }

// serve reads messages until the connection is over. It is the body of the connection's goroutine.
func (s *session) serve(conn *ws.Conn) *ws.Close {
	defer conn.Finish()
	s.event = event{kind: eventHandshake, conn: conn}
	s.call()
	s.event.conn = nil
	if s.service.Context().Err() != nil {
		conn.Close(ws.StatusGoingAway, "service ends")
	}
	s.mu.Lock()
	s.ready = conn
	switch {
	case s.given:
		conn.Close(ws.StatusGoingAway, "going away")
	case s.lame:
		conn.CloseSoon()
	}
	s.mu.Unlock()
	end := conn.Serve()
	s.event = lastEvent(end)
	s.call()
	return end
}

// givenUp returns a channel that is closed when the connection is given up.
func (s *session) givenUp() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit == nil {
		s.quit = make(chan struct{})
		if s.given {
			close(s.quit)
		}
	}
	return s.quit
}

// abort gives the connection up, whatever its handler is at.
func (s *session) abort() {
	s.mu.Lock()
	conn := s.ready
	if !s.given {
		s.given = true
		if s.quit != nil {
			close(s.quit)
		}
	}
	s.mu.Unlock()
	if conn != nil {
		conn.Abort()
	}
}

// lastEvent tells the script how the connection ended.
func lastEvent(end *ws.Close) event {
	if end.Code == ws.StatusLost || end.Err != nil && end.Err != errHandler && end.Err != ws.ErrSlow {
		return event{kind: eventError, text: end.Reason, code: end.Code}
	}
	return event{kind: eventClose, text: end.Reason, code: end.Code}
}

// closeSoon takes leave of the client as soon as the running handler ends.
func (s *session) closeSoon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lame = true
	if s.ready != nil {
		s.ready.CloseSoon()
	}
}

// Message implements ws.Handler.
func (s *session) Message(_ *ws.Conn, op ws.Opcode, data []byte) (done bool) {
	if s.inbox != nil {
		s.inbox.put(s, data, op)
		return true
	}
	s.event.kind, s.event.data, s.event.op = eventMessage, data, op
	return s.begin()
}

// Wait implements ws.Handler.
func (s *session) Wait(*ws.Conn) { s.finish() }

// Ping implements ws.Handler.
func (s *session) Ping(*ws.Conn) { s.tell(eventPing) }

// Pong implements ws.Handler.
func (s *session) Pong(*ws.Conn) { s.tell(eventPong) }

// warnEvery is the least time between two warnings of one connection.
const warnEvery = time.Second

// Full implements ws.Handler: it has the script's warning called soon, with the kilobytes that wait.
func (s *session) Full(_ *ws.Conn, queued int) {
	now := time.Now()
	s.mu.Lock()
	due := now.Sub(s.warnedAt) >= warnEvery
	if due {
		s.warnedAt = now
	}
	s.mu.Unlock()
	if due && s.handle != nil {
		s.service.Post(func(svc *host.Service) {
			if f := lookup(s.handle, "warning"); !f.IsNil() {
				svc.Go(f, s.object(svc.State()), vm.Int(queued/1024))
			}
		})
	}
}

// object is what skynet gives to the warning handler in place of the id.
func (s *session) object(state *vm.State) vm.Value {
	t := state.NewTable(0, 2)
	t.SetString("socket_id", vm.Int(s.id))
	t.SetString("addr", vm.String(s.addr))
	return t.Value()
}

func (s *session) note(r *http.Request) { s.request = requestOf(r) }
