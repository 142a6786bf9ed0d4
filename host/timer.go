package host

import (
	"sync"
	"time"
)

// Clock tells the time and wakes the host's timers. Tests replace it to control time.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in its own goroutine when d has passed. The result stops it.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}

// keptTimers is how many timers' room is kept when there are none.
const keptTimers = 1024

// tick is the grain of timers, as in skynet.
const tick = 10 * time.Millisecond

// timers answer sessions at ticks. Those of one tick are answered in the order in which they were set.
type timers struct {
	clock Clock
	start time.Time

	firing sync.Mutex // held while sessions are answered, so that no later tick overtakes
	due    []timer

	mu    sync.Mutex
	queue []timer // a heap
	seq   uint64
	next  int64 // the tick that the clock will wake us for
	stop  func() bool
	done  bool
}

type timer struct {
	at      int64 // tick
	seq     uint64
	service *Service
	session int
}

func (t *timer) before(u *timer) bool { return t.at < u.at || t.at == u.at && t.seq < u.seq }

func newTimers(c Clock) *timers { return &timers{clock: c, start: c.Now()} }

// now returns the ticks since the start, counted from the hundredths of that second, as skynet does.
func (t *timers) now() int64 {
	return int64(t.clock.Now().Sub(t.start)/tick) + int64(t.start.Nanosecond())/int64(tick)
}

// after answers a session of s when the given number of ticks has passed.
func (t *timers) after(ticks int64, s *Service, session int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return
	}
	t.seq++
	t.push(timer{t.now() + max(ticks, 1), t.seq, s, session})
	t.arm()
}

func (t *timers) push(x timer) {
	t.queue = append(t.queue, x)
	for i := len(t.queue) - 1; i > 0; {
		parent := (i - 1) / 2
		if !t.queue[i].before(&t.queue[parent]) {
			return
		}
		t.queue[i], t.queue[parent] = t.queue[parent], t.queue[i]
		i = parent
	}
}

func (t *timers) pop() timer {
	first, last := t.queue[0], len(t.queue)-1
	t.queue[0] = t.queue[last]
	t.queue[last] = timer{}
	t.queue = t.queue[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && t.queue[child+1].before(&t.queue[child]) {
			child++
		}
		if !t.queue[child].before(&t.queue[i]) {
			break
		}
		t.queue[i], t.queue[child] = t.queue[child], t.queue[i]
		i = child
	}
	if last == 0 && cap(t.queue) > keptTimers {
		t.queue = nil // a burst is over: give its memory back
	}
	return first
}

// arm has the clock wake us for the first timer.
func (t *timers) arm() {
	if len(t.queue) == 0 {
		return
	}
	at := t.queue[0].at
	if t.stop != nil {
		if t.next <= at {
			return
		}
		t.stop()
	}
	t.next = at
	offset := time.Duration(int64(t.start.Nanosecond())/int64(tick)) * tick
	due := t.start.Add(time.Duration(at)*tick - offset)
	t.stop = t.clock.AfterFunc(due.Sub(t.clock.Now()), t.expire)
}

func (t *timers) expire() {
	t.firing.Lock()
	defer t.firing.Unlock()
	t.mu.Lock()
	for now := t.now(); len(t.queue) > 0 && t.queue[0].at <= now; {
		t.due = append(t.due, t.pop())
	}
	t.stop = nil
	if !t.done {
		t.arm()
	}
	t.mu.Unlock()
	for _, x := range t.due {
		x.service.Deliver(x.session, nil)
	}
	clear(t.due)
	t.due = t.due[:0]
}

func (t *timers) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = true
	t.queue = nil
	if t.stop != nil {
		t.stop()
	}
}
