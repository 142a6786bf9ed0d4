package host

import (
	"context"
	"sync"
)

type closeKey struct{}

// OnClose has f called when the host closes and its services are gone, to wait for what they left to be done: sockets
// that still send. All such functions run at the same time; when ctx ends, each breaks off what it waits for.
func (h *Host) OnClose(f func(ctx context.Context)) {
	d := h.afterwards()
	d.mu.Lock()
	d.list = append(d.list, f)
	d.mu.Unlock()
}

func (h *Host) afterwards() *drains {
	return h.Local(closeKey{}, func() any { return new(drains) }).(*drains)
}

// finish calls the functions given to OnClose and waits for them.
func (h *Host) finish(ctx context.Context) {
	d := h.afterwards()
	d.mu.Lock()
	list := d.list
	d.mu.Unlock()
	var all sync.WaitGroup
	for _, f := range list {
		all.Go(func() { f(ctx) })
	}
	all.Wait()
}
