package socket

import (
	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// maxUnread is how many bytes may wait for a script before the socket is paused, as in skynet.
const maxUnread = 128 << 10

// entry is what a service knows of a socket that it has started. It implements sockets.Events.
type entry struct {
	pool     *pool
	id       int
	socket   sockets.Socket
	listener bool
	udp      bool
	callback vm.Value // gets clients, or datagrams

	connected bool // the peer may still send
	paused    bool
	unread    buffer
	full      vm.Value // what the task that reads has waited for, when it came in pieces
	limit     int      // of unread; 0: none
	onWarning vm.Value

	want   want       // of the task that reads
	reader int        // its session; 0 when nobody reads
	task   *host.Task // that reads, or was the last to do so
	closer int        // session of the task in close that waits for the reader
	orphan bool       // the task that read it has died

	onResume vm.Func
	onDeath  func(*host.Task)
}

// want is what a task reads for.
type want struct {
	kind      wantKind
	size      int
	separator string
}

type wantKind uint8

const (
	wantSome  wantKind = iota // whatever comes
	wantSize                  // size bytes
	wantLine                  // up to separator
	wantAll                   // up to the end
	wantBlock                 // only to know that something has come
)

// add makes the entry of a socket, before it is started.
func (p *pool) add(s sockets.Socket) *entry {
	e := &entry{pool: p, id: s.ID(), socket: s, connected: true}
	e.unread.pool = p.set.Buffers()
	e.onResume, e.onDeath = e.resume, e.readerDied
	p.entries[e.id] = e
	return e
}

func (p *pool) remove(e *entry) {
	if p.entries[e.id] == e {
		delete(p.entries, e.id)
	}
}

// listening tells whether listen has made the socket, and start is still to come.
func (e *entry) listening() bool { return e.listener && !e.connected }

func (e *entry) logf(format string, args ...any) {
	s := e.pool.service
	s.Host().Logf(s.Address(), format, args...)
}

// filling tells whether a task waits for a number of bytes.
func (e *entry) filling() bool { return e.reader != 0 && e.want.kind == wantSize }

// Data implements sockets.Events.
func (e *entry) Data(b []byte) (kept bool) {
	e.unread.given = false
	taken := 0
	if e.filling() && e.unread.len() > 0 {
		if taken = e.unread.fill(b, e.want.size); e.unread.len() == e.want.size {
			e.full = e.unread.take(e.pool.service.State(), e.want.size)
		}
	}
	e.unread.lend(b, taken)
	if e.reader != 0 && (!e.full.IsNil() || e.satisfied()) {
		e.wake()
	}
	if e.filling() {
		e.unread.fill(nil, e.want.size)
	} else {
		e.unread.keep()
	}
	size := e.unread.len()
	switch {
	case e.limit > 0 && size > e.limit && (e.reader == 0 || e.want.kind != wantSize):
		e.logf("socket buffer overflow: fd=%d size=%d", e.id, size)
		e.socket.Shutdown()
	case size > maxUnread && e.orphan:
		e.end()
	case size > maxUnread && e.reader == 0 && e.connected && !e.paused:
		e.logf("Pause socket (%d) size : %d", e.id, size)
		e.pause()
	}
	return e.unread.given
}

func (e *entry) pause() {
	e.paused = true
	e.socket.Pause()
}

// Closed implements sockets.Events.
func (e *entry) Closed() {
	e.connected = false
	e.tellClosed()
	e.wake()
	if e.orphan {
		e.end()
	}
}

// Failed implements sockets.Events.
func (e *entry) Failed(reason string) {
	if e.listener {
		e.logf("socket: accept error: %s", reason)
		return
	}
	if e.connected {
		e.logf("socket: error on %d %s", e.id, reason)
	}
	e.connected = false
	e.socket.Shutdown()
	e.tellClosed()
	e.wake()
	if e.orphan {
		e.end()
	}
}

// readerDied is told when the task that read the socket last has died, of the socket's end or of something else. A socket
// that has ended is closed then, and one that hasn't will be when it does, if no other task reads it: else each client
// that vanishes would leave a descriptor behind in a service that does not reckon with it.
func (e *entry) readerDied(t *host.Task) {
	if e.task != t {
		return
	}
	e.reader, e.task, e.orphan = 0, nil, true
	if e.closer != 0 {
		e.pool.service.Deliver(e.closer, nil)
	} else if !e.connected {
		e.end()
	}
}

// end closes a socket that nobody cares for any more.
func (e *entry) end() {
	e.connected = false
	e.socket.Close()
	e.forget()
}

// tellClosed runs the function that was given to onclose.
func (e *entry) tellClosed() {
	p := e.pool
	if f, ok := p.onClose[e.id]; ok {
		delete(p.onClose, e.id)
		p.service.Go(f, vm.Int(e.id))
	}
}

// Accepted implements sockets.Events.
func (e *entry) Accepted(id int, address string) {
	e.pool.service.Go(e.callback, vm.Int(id), vm.String(address))
}

// Packet implements sockets.Events.
func (e *entry) Packet(data, from string) {
	if !e.callback.IsFunction() {
		e.logf("socket: drop udp package from %d", e.id)
		return
	}
	e.pool.service.Go(e.callback, vm.String(data), vm.String(from))
}

// Unsent implements sockets.Events.
func (e *entry) Unsent(kilobytes int) {
	if e.onWarning.IsFunction() {
		e.pool.service.Go(e.onWarning, vm.Int(e.id), vm.Int(kilobytes))
		return
	}
	e.logf("WARNING: %d K bytes need to send out (fd = %d)", kilobytes, e.id)
}

// wake lets the task that reads go on, at once: the caller is in the service's turn, outside of any task.
func (e *entry) wake() {
	if session := e.reader; session != 0 {
		e.reader = 0
		e.pool.service.Answer(session, nil)
	}
}

// wakeLater lets the task that reads go on when the running one waits or ends.
func (e *entry) wakeLater() {
	if session := e.reader; session != 0 {
		e.reader = 0
		e.pool.service.Deliver(session, nil)
	}
}

// satisfied tells whether what is wanted is there.
func (e *entry) satisfied() bool {
	switch e.want.kind {
	case wantSize:
		return e.unread.len() >= e.want.size
	case wantLine:
		_, ok := e.unread.line(e.want.separator)
		return ok
	case wantAll:
		return false
	}
	return true
}

// wait suspends the running task until w is there, or the socket has ended.
func (e *entry) wait(c *vm.Call, w want) error {
	p := e.pool
	if e.reader != 0 || e.closer != 0 {
		return errAssertion()
	}
	if !p.service.CanWait(c) {
		return p.service.Suspend(c, 0, nil)
	}
	if e.paused {
		e.logf("Resume socket (%d)", e.id)
		e.paused = false
		_ = e.socket.Start(p.owner, e) // an error comes as an event, too
	}
	e.want, e.reader = w, p.service.NewSession()
	return p.service.Suspend(c, e.reader, e.onResume)
}

// resume goes on with the task that reads.
func (e *entry) resume(c *vm.Call) error {
	if e.closer != 0 {
		e.pool.service.Deliver(e.closer, nil)
	}
	return e.answer(c)
}

// answer returns what is wanted to the script, or what there is.
func (e *entry) answer(c *vm.Call) error {
	switch w := e.want; w.kind {
	case wantSome:
		if e.unread.len() > 0 {
			return e.give(c, e.unread.len())
		}
	case wantSize:
		if !e.full.IsNil() {
			return e.giveFull(c)
		}
		if e.unread.len() >= w.size {
			return e.give(c, w.size)
		}
	case wantLine:
		if n, ok := e.unread.line(w.separator); ok {
			return e.giveLine(c, n)
		}
	case wantAll:
		return e.give(c, e.unread.len())
	case wantBlock:
		return c.Return(vm.Bool(e.connected))
	}
	return e.giveRest(c)
}

// give returns n unread bytes to the script.
func (e *entry) give(c *vm.Call, n int) error {
	if err := c.State().Reserve(n); err != nil {
		return err
	}
	return c.Return(e.unread.take(c.State(), n))
}

func (e *entry) giveFull(c *vm.Call) error {
	s := e.full
	e.full = vm.Value{}
	if err := c.State().Reserve(e.want.size); err != nil {
		return err
	}
	return c.Return(s)
}

// giveLine returns n bytes and removes the separator behind them.
func (e *entry) giveLine(c *vm.Call, n int) error {
	separator := len(e.want.separator)
	if err := c.State().Reserve(n); err != nil {
		return err
	}
	line := string(e.unread.data[:n])
	e.unread.skip(n + separator)
	return c.Return(vm.String(line))
}

// giveRest is the answer of a read that can't get what it wants any more.
func (e *entry) giveRest(c *vm.Call) error {
	if err := c.State().Reserve(e.unread.len()); err != nil {
		return err
	}
	c.Push(vm.Bool(false), e.unread.take(c.State(), e.unread.len()))
	return nil
}
