package host

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/luahost/luahost/vm"
)

// AutoRollback has reloads taken back that make things worse: those after which more than a part of the calls of the
// functions that they changed, or added, ends by an error, whether something catches it or not.
type AutoRollback struct {
	Rate  float64       // from 0 to 1; 0 takes nothing back
	Calls int           // that are judged together: whenever there have been so many, and what there is when Time is over
	Time  time.Duration // from the reload on
}

// WithAutoRollback takes reloads back that make things worse. Calls of Lua functions then cost a little more.
func WithAutoRollback(a AutoRollback) Option {
	return func(o *options) error {
		if a.Rate < 0 || a.Rate >= 1 || a.Rate > 0 && (a.Calls < 1 || a.Time <= 0) {
			return fmt.Errorf("automatic rollback at a rate of %v over %d calls in %v: want a rate from 0 up to 1, and more than 0 of both", a.Rate, a.Calls, a.Time)
		}
		o.rollback = a
		return nil
	}
}

// probation is the time after a reload in which it may be taken back.
type probation struct {
	host       *Host
	generation int
	limit      AutoRollback
	calls      atomic.Int64
	failed     atomic.Int64
	over       atomic.Bool
	timer      *time.Timer
	last       atomic.Pointer[string] // an error that ended a task
}

// serviceProbation is what a service counts for a probation.
type serviceProbation struct {
	*probation
	counts *vm.Probation
}

// probation begins that of a reload that was kept, if there is to be one.
func (op *operation) probation() {
	limit := op.host.options.rollback
	if limit.Rate == 0 || op.options.reason != reasonReload || op.report.Result != ReloadOK || op.options.DryRun {
		return
	}
	functions := map[*vm.Proto]struct{}{}
	for _, v := range op.versions {
		for f := range vm.NewPatch([]vm.Replacement{{Old: v.old, New: v.proto}}).Functions() {
			functions[f] = struct{}{}
		}
	}
	p := &probation{host: op.host, generation: op.generation, limit: limit}
	p.timer = time.AfterFunc(limit.Time, p.end)
	for s := range op.reached {
		s.Post(func(s *Service) {
			if s.state != nil {
				s.code.probation = &serviceProbation{p, s.state.Watch(functions)}
			}
		})
	}
}

// observe hands on, at the end of a message, what the service has counted.
func (s *Service) observe() {
	p := s.code.probation
	if p.counts == nil || p.over.Load() {
		s.state.Watch(nil)
		s.code.probation = nil
		return
	}
	if p.counts.Calls == 0 {
		return
	}
	calls, failed := p.calls.Add(int64(p.counts.Calls)), p.failed.Add(int64(p.counts.Failed))
	p.counts.Calls, p.counts.Failed = 0, 0
	switch most := p.limit.Rate * float64(p.limit.Calls); {
	case calls >= int64(p.limit.Calls) && float64(failed) > p.limit.Rate*float64(calls), float64(failed) > most && calls < int64(p.limit.Calls):
		p.takeBack()
	case calls >= int64(p.limit.Calls):
		p.calls.Add(-calls)
		p.failed.Add(-failed)
	}
}

// end judges what has been counted when the time is over.
func (p *probation) end() {
	if float64(p.failed.Load()) > p.limit.Rate*float64(p.calls.Load()) {
		p.takeBack()
	}
	p.over.Store(true)
}

// takeBack makes the code what it was before the reload, unless there has been another one.
func (p *probation) takeBack() {
	if !p.over.CompareAndSwap(false, true) {
		return
	}
	p.timer.Stop()
	h := p.host
	if !h.runs() {
		return
	}
	go func() {
		defer h.running.Done()
		cause := fmt.Sprintf("of %d calls of functions that gen %d changed, %d ended with an error", p.calls.Load(), p.generation, p.failed.Load())
		if last := p.last.Load(); last != nil {
			cause += "; the last: " + *last
		}
		texts, err := h.code.textsAt(p.generation - 1)
		if err != nil {
			return // there have been so many reloads since that it is forgotten
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := h.Reload(ctx, ReloadOptions{texts: texts, reason: reasonAuto, cause: cause, only: p.generation}); err != nil {
			h.Logf(0, "reload: %v", err)
		}
	}()
}

// runs counts one more goroutine that Close waits for; false when the host closes.
func (h *Host) runs() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closing {
		h.running.Add(1)
	}
	return !h.closing
}
