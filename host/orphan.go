package host

import (
	"fmt"
	"time"
)

// An orphan is a service that nothing will ever happen to again, most likely: its only task has died of an error, its
// sockets are closed or have lost their peers, it waits for nothing, has no name, and nobody waits for its start.
// A script that doesn't look after such errors leaves one for each client that vanishes.

// WithReapOrphans has services ended that have been orphans for a time; 0 leaves them.
func WithReapOrphans(after time.Duration) Option {
	return func(o *options) error {
		if after < 0 {
			return fmt.Errorf("orphans reaped after %v: want 0 or more", after)
		}
		o.reapAfter = after
		return nil
	}
}

// Resources tells of what a binding holds for a service: whether there ever was something, and whether something is
// still in use.
type Resources func() (had, used bool)

// AddResources has r asked when the service may be an orphan.
func (s *Service) AddResources(r Resources) { s.resources = append(s.resources, r) }

// settle finds out, at the end of a message, whether a service that lost a task is an orphan.
func (s *Service) settle() {
	if !s.bereaved || s.exiting {
		return
	}
	if !s.forlorn() {
		s.orphanSince.Store(0)
		return
	}
	s.orphanSince.CompareAndSwap(0, s.host.options.clock.Now().UnixNano())
}

func (s *Service) forlorn() bool {
	if s.tasks != nil || s.named.Load() || s.launched != nil || len(s.responses) > 0 {
		return false
	}
	for _, w := range s.sessions {
		if w.task != nil || w.f != nil {
			return false
		}
	}
	hadAny := false
	for _, r := range s.resources {
		had, used := r()
		if used {
			return false
		}
		hadAny = hadAny || had
	}
	return hadAny
}

// Orphans returns the services that are orphans, in no order.
func (h *Host) Orphans() []*Service {
	var list []*Service
	for _, s := range h.Services() {
		if s.orphanSince.Load() != 0 {
			list = append(list, s)
		}
	}
	return list
}

// Reaped returns how many orphans were ended.
func (h *Host) Reaped() int64 { return h.reaped.Load() }

// reap ends orphans until the host closes.
func (h *Host) reap(after time.Duration) {
	const fastest, slowest = 10 * time.Millisecond, time.Second
	t := time.NewTicker(min(max(after/4, fastest), slowest))
	defer t.Stop()
	for {
		select {
		case <-h.closed:
			return
		case <-t.C:
		}
		now := h.options.clock.Now().UnixNano()
		for _, s := range h.Orphans() {
			if now-s.orphanSince.Load() >= int64(after) {
				h.reaped.Add(1)
				s.Kill()
			}
		}
	}
}
