package host

import (
	"container/heap"
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

// tick is the grain of timers, as in skynet.
const tick = 10 * time.Millisecond

// timers calls functions at ticks. Those of one tick are called in the order in which they were set.
type timers struct {
	clock Clock
	start time.Time

	firing sync.Mutex // held while functions are called, so that no later tick overtakes

	mu    sync.Mutex
	queue timerQueue
	seq   uint64
	next  int64 // the tick that the clock will wake us for
	stop  func() bool
	done  bool
}

type timer struct {
	at   int64 // tick
	seq  uint64
	fire func()
}

type timerQueue []timer

func (q timerQueue) Len() int { return len(q) }
func (q timerQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}
func (q timerQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *timerQueue) Push(x any)   { *q = append(*q, x.(timer)) }
func (q *timerQueue) Pop() any {
	old := *q
	t := old[len(old)-1]
	old[len(old)-1] = timer{}
	*q = old[:len(old)-1]
	return t
}

func newTimers(c Clock) *timers { return &timers{clock: c, start: c.Now()} }

// now returns the ticks since the start, counted from the hundredths of that second, as skynet does.
func (t *timers) now() int64 {
	return int64(t.clock.Now().Sub(t.start)/tick) + int64(t.start.Nanosecond())/int64(tick)
}

// after calls fire when the given number of ticks has passed. fire must not block.
func (t *timers) after(ticks int64, fire func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return
	}
	t.seq++
	heap.Push(&t.queue, timer{t.now() + max(ticks, 1), t.seq, fire})
	t.arm()
}

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
	var due []func()
	for now := t.now(); len(t.queue) > 0 && t.queue[0].at <= now; {
		due = append(due, heap.Pop(&t.queue).(timer).fire)
	}
	t.stop = nil
	if !t.done {
		t.arm()
	}
	t.mu.Unlock()
	for _, fire := range due {
		fire()
	}
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
