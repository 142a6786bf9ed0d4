package host

import (
	"sync"
	"sync/atomic"
	"time"
)

// scheduler runs services that have messages, on a fixed number of workers.
//
// A service that becomes ready because another one sent it something is kept by the worker that runs the sender, to be
// run next: a conversation of two services stays on one worker and wakes nobody. Should the sender go on for long, the
// watch hands what is kept to another worker.
type scheduler struct {
	mu      sync.Mutex
	ready   sync.Cond  // something is queued
	queue   []*Service // a ring
	head    int
	count   int
	idle    int // workers that wait and have not been called yet
	stopped bool

	waiting atomic.Int32 // count, for a glance without the lock
	workers []*worker
	group   sync.WaitGroup

	awake    sync.Cond // the watch must look again
	dozing   bool      // the watch waits on awake
	endless  func(source, to Handle, version uint64)
	whenIdle func() // called by a worker that finds nothing to do
}

// worker is a goroutine that runs services.
type worker struct {
	pool *scheduler
	next atomic.Pointer[Service]
	now  time.Time // when the last turn ended, or the worker got something to do

	message atomic.Uint64 // source and destination of the message that is being handled, 0 when none is
	version atomic.Uint64 // counts messages

	// What the watch saw.
	seen  uint64
	since time.Time
	told  bool
}

const (
	// quantum is how many messages a service may handle before another one gets the worker.
	quantum = 64
	// spree is how many services in a row a worker may take from next before it looks at the queue.
	spree = 64
	// watchInterval is how often the watch looks at the workers.
	watchInterval = time.Millisecond
	// watchPatience is how many times it finds all workers idle before it dozes.
	watchPatience = 100
	// endlessTime is how long the handling of a message may take before it is reported, as in skynet.
	endlessTime = 5 * time.Second
)

func newScheduler(workers int) *scheduler {
	s := &scheduler{queue: make([]*Service, 64)}
	s.ready.L, s.awake.L = &s.mu, &s.mu
	for range workers {
		s.workers = append(s.workers, &worker{pool: s})
	}
	return s
}

func (s *scheduler) start() {
	for _, w := range s.workers {
		s.group.Go(w.work)
	}
	s.group.Go(s.watch)
}

// stop lets the workers finish the messages they are at, and waits for them.
func (s *scheduler) stop() {
	s.mu.Lock()
	s.stopped = true
	s.ready.Broadcast()
	s.awake.Broadcast()
	s.mu.Unlock()
	s.group.Wait()
}

// push queues a service whose turn is turnQueued: at most once at a time.
func (s *scheduler) push(v *Service) {
	s.mu.Lock()
	if s.count == len(s.queue) {
		ring := make([]*Service, 2*len(s.queue))
		for i := range s.count {
			ring[i] = s.queue[(s.head+i)&(len(s.queue)-1)]
		}
		s.queue, s.head = ring, 0
	}
	s.queue[(s.head+s.count)&(len(s.queue)-1)] = v
	s.count++
	s.waiting.Store(int32(s.count))
	if s.idle > 0 {
		s.idle--
		s.ready.Signal()
	}
	if s.dozing {
		s.dozing = false
		s.awake.Signal()
	}
	s.mu.Unlock()
}

// pop takes the first service of the queue, or waits for one; it returns nil when the scheduler stops.
func (s *scheduler) pop() *Service {
	if s.waiting.Load() == 0 && s.whenIdle != nil {
		s.whenIdle()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.count == 0 && !s.stopped {
		s.idle++
		s.ready.Wait()
	}
	if s.stopped {
		return nil
	}
	v := s.queue[s.head]
	s.queue[s.head] = nil
	s.head = (s.head + 1) & (len(s.queue) - 1)
	s.count--
	s.waiting.Store(int32(s.count))
	return v
}

func (w *worker) work() {
	for row := 0; ; row++ {
		v := w.next.Swap(nil)
		if v != nil && row >= spree && w.pool.waiting.Load() > 0 {
			w.pool.push(v)
			v = nil
		}
		if v == nil {
			row = 0
			if v = w.pool.pop(); v == nil {
				return
			}
			w.now = time.Now()
		}
		v.runTurn(w)
		w.message.Store(0)
	}
}

// keep makes v the service that w runs next.
func (w *worker) keep(v *Service) {
	if old := w.next.Swap(v); old != nil {
		w.pool.push(old)
	}
}

// others reports whether other services wait for a worker.
func (w *worker) others() bool { return w.pool.waiting.Load() > 0 || w.next.Load() != nil }

// begins notes which message is being handled.
func (w *worker) begins(source, to Handle) {
	w.message.Store(uint64(source)<<32 | uint64(to))
	w.version.Add(1)
}

// watch looks after workers that are at one message for long. It dozes while nothing happens at all.
func (s *scheduler) watch() {
	for quiet := 0; ; quiet++ {
		time.Sleep(watchInterval)
		s.mu.Lock()
		if s.idle < len(s.workers) {
			quiet = 0
		}
		if quiet >= watchPatience {
			s.dozing = true
		}
		for s.dozing && !s.stopped {
			quiet = 0
			s.awake.Wait()
		}
		stopped := s.stopped
		s.mu.Unlock()
		if stopped {
			return
		}
		now := time.Now()
		for _, w := range s.workers {
			w.inspect(now)
		}
	}
}

// inspect hands on what a worker keeps, if it is still at the message that it was at the last time.
func (w *worker) inspect(now time.Time) {
	version := w.version.Load()
	if version != w.seen || w.since.IsZero() {
		w.seen, w.since, w.told = version, now, false
		return
	}
	if v := w.next.Load(); v != nil && w.next.CompareAndSwap(v, nil) {
		w.pool.push(v)
	}
	if m := w.message.Load(); m != 0 && !w.told && now.Sub(w.since) >= endlessTime {
		w.told = true
		w.pool.endless(Handle(m>>32), Handle(m), version)
	}
}
