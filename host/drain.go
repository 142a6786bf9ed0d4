package host

import (
	"context"
	"sync"
)

// drains is what is called before a host's services end.
type drains struct {
	mu   sync.Mutex
	list []func(context.Context)
}

type drainKey struct{}

func (h *Host) drains() *drains {
	return h.Local(drainKey{}, func() any { return new(drains) }).(*drains)
}

// OnDrain has f called when the host closes, while its services still work: to stop accepting, let running handlers
// finish and take leave of clients. All such functions run at the same time; each returns when it is done, or ctx ends.
func (h *Host) OnDrain(f func(ctx context.Context)) {
	d := h.drains()
	d.mu.Lock()
	d.list = append(d.list, f)
	d.mu.Unlock()
}

// drain calls the functions given to OnDrain and waits for them.
func (h *Host) drain(ctx context.Context) {
	d := h.drains()
	d.mu.Lock()
	list := d.list
	d.list = nil
	d.mu.Unlock()
	var all sync.WaitGroup
	for _, f := range list {
		all.Go(func() { f(ctx) })
	}
	all.Wait()
}
