package host

import "sync"

// scheduler runs services that have messages, on a fixed number of workers.
type scheduler struct {
	mu      sync.Mutex
	ready   sync.Cond
	queue   []*Service // a ring
	head    int
	count   int
	idle    int
	stopped bool
	workers sync.WaitGroup
}

// quantum is how many messages a service may handle before another one gets the worker.
const quantum = 64

func newScheduler() *scheduler {
	s := &scheduler{queue: make([]*Service, 64)}
	s.ready.L = &s.mu
	return s
}

func (s *scheduler) start(workers int) {
	for range workers {
		s.workers.Go(s.work)
	}
}

// stop lets the workers finish the messages they are at, and waits for them.
func (s *scheduler) stop() {
	s.mu.Lock()
	s.stopped = true
	s.ready.Broadcast()
	s.mu.Unlock()
	s.workers.Wait()
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
	if s.idle > 0 {
		s.ready.Signal()
	}
	s.mu.Unlock()
}

func (s *scheduler) pop() *Service {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.count == 0 {
		if s.stopped {
			return nil
		}
		s.idle++
		s.ready.Wait()
		s.idle--
	}
	if s.stopped {
		return nil
	}
	v := s.queue[s.head]
	s.queue[s.head] = nil
	s.head = (s.head + 1) & (len(s.queue) - 1)
	s.count--
	return v
}

func (s *scheduler) work() {
	for v := s.pop(); v != nil; v = s.pop() {
		if v.box.begin() {
			v.runTurn()
		}
	}
}
