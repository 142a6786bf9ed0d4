package sockets

import (
	"sync"
	"time"
)

// quietTime is how long, or up to twice that, nothing has come on a connection that is put to rest: it goes on without a
// goroutine that waits for bytes, whose stack is a good part of what an open connection costs.
const quietTime = time.Second / 2

// RestAfter sets another time than quietTime.
func (t *Set) RestAfter(d time.Duration) {
	t.quiet.mu.Lock()
	defer t.quiet.mu.Unlock()
	t.quiet.after = d
}

// quiet puts connections to rest, and wakes them when bytes come. It looks at them as long as one is not at rest.
type quiet struct {
	set     *Set
	poller  *poller        // nil: there is none
	running sync.WaitGroup // of its goroutine

	mu      sync.Mutex
	after   time.Duration
	started bool
	timer   *time.Timer // nil: not made
	armed   bool
	stopped bool
}

// watch begins to look for connections that are quiet.
func (q *quiet) watch() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.poller == nil || q.armed || q.stopped {
		return
	}
	q.armed = true
	if q.timer == nil {
		q.timer = time.AfterFunc(q.after, q.sweep)
	} else {
		q.timer.Reset(q.after)
	}
}

// sweep wakes the readers of connections on which nothing has come since the last one: they put them to rest.
func (q *quiet) sweep() {
	q.mu.Lock()
	q.armed = false
	q.mu.Unlock()
	lively := false
	rested := map[*Owner]struct{}{}
	for _, s := range q.set.streams() {
		switch owner, state := s.look(); state {
		case streamLively:
			lively = true
		case streamQuiet:
			rested[owner] = struct{}{}
		}
	}
	for o := range rested {
		o.Service.Rest()
	}
	if lively {
		q.watch()
	}
}

// start makes the poller with the first socket, a listener as a rule: so the host has as many goroutines and descriptors after
// its clients as it had before, and none of them if it has no sockets. Where there is no poller, each connection keeps its goroutine.
func (q *quiet) start() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.started || q.stopped {
		return
	}
	q.started = true
	p, err := newPoller()
	if err != nil {
		return
	}
	q.poller = p
	q.running.Go(func() { p.run(q.wake) })
}

// wake lets a connection's reader go on.
func (q *quiet) wake(id int) {
	if s, ok := q.set.Get(id).(*Stream); ok {
		s.wake()
	}
}

func (q *quiet) stop() {
	q.mu.Lock()
	q.stopped = true
	if q.timer != nil {
		q.timer.Stop()
	}
	poller := q.poller
	q.mu.Unlock()
	if poller != nil {
		poller.close()
		q.running.Wait()
	}
}

// streamState is what a sweep finds.
type streamState uint8

const (
	streamOther  streamState = iota // at rest, or not read from
	streamLively                    // something came since the last sweep
	streamQuiet                     // nothing did
)

// look asks the reader of a quiet connection to put it to rest.
func (s *Stream) look() (*Owner, streamState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.raw == nil || !s.reading || s.resting || s.halt.Load():
		return nil, streamOther
	case !s.parked || s.in.bytes != s.seen:
		s.seen = s.in.bytes
		return nil, streamLively
	}
	s.retire = true
	_ = s.conn.SetReadDeadline(time.Unix(1, 0))
	return s.owner, streamQuiet
}

// retired puts a connection to rest whose reader has been woken for that. It reports whether the goroutine ends.
func (s *Stream) retired() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	retire := s.retire
	s.retire = false
	if s.halt.Load() {
		return false // woken by leave; or paused meanwhile, then the next reader comes here again
	}
	_ = s.conn.SetReadDeadline(time.Time{})
	s.resting = retire && s.set.quiet.poller.add(s)
	return s.resting
}

// wake starts the reader of a connection that is at rest: there are bytes, or the peer has closed.
func (s *Stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.resting {
		return
	}
	s.resting = false
	s.set.work.Go(s.read)
	s.set.quiet.watch()
}
