package websocket

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/ws"
)

// hub is all connections and listeners of a host. It takes leave of the clients when the host closes.
type hub struct {
	mu        sync.Mutex
	sessions  map[*session]struct{}
	listeners map[*listener]struct{}
	closing   bool
	work      sync.WaitGroup // the goroutines of connections and listeners
	upgraders map[string]*ws.Upgrader
	configs   map[string]*tls.Config
}

type hubKey struct{}

func hubOf(h *host.Host) *hub {
	made := false
	b := h.Local(hubKey{}, func() any {
		made = true
		return &hub{sessions: map[*session]struct{}{}, listeners: map[*listener]struct{}{},
			upgraders: map[string]*ws.Upgrader{}, configs: map[string]*tls.Config{}}
	}).(*hub)
	if made {
		h.OnDrain(b.drain)
	}
	return b
}

// add registers a connection. It reports false when the host is closing.
func (b *hub) add(s *session) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closing {
		return false
	}
	b.sessions[s] = struct{}{}
	b.work.Add(1)
	return true
}

func (b *hub) remove(s *session) {
	b.mu.Lock()
	delete(b.sessions, s)
	b.mu.Unlock()
	b.work.Done()
}

func (b *hub) addListener(l *listener) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closing {
		return false
	}
	b.listeners[l] = struct{}{}
	b.work.Add(1)
	return true
}

func (b *hub) removeListener(l *listener) {
	b.mu.Lock()
	delete(b.listeners, l)
	b.mu.Unlock()
	b.work.Done()
}

// drain closes the listeners, lets each connection finish the handler that runs and what is queued, and closes it with
// 1001. When ctx ends first, the connections are closed as they are.
func (b *hub) drain(ctx context.Context) {
	b.mu.Lock()
	b.closing = true
	listeners, sessions := b.listeners, b.sessions
	all := make([]*session, 0, len(sessions))
	for s := range sessions {
		all = append(all, s)
	}
	doors := make([]*listener, 0, len(listeners))
	for l := range listeners {
		doors = append(doors, l)
	}
	b.mu.Unlock()
	for _, l := range doors {
		l.close()
	}
	for _, s := range all {
		s.closeSoon()
	}
	gone := make(chan struct{})
	go func() {
		b.work.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return
	case <-ctx.Done():
	}
	for _, s := range all {
		s.abort()
	}
	<-gone
}

// maxKept bounds what is kept for the next calls of accept: scripts are expected to use few different options.
const maxKept = 64

// upgrader returns one for the options of accept, which are mostly those of the call before.
func (b *hub) upgrader(o ws.Options) (*ws.Upgrader, error) {
	key := fmt.Sprintf("%+v", o)
	b.mu.Lock()
	defer b.mu.Unlock()
	if u := b.upgraders[key]; u != nil {
		return u, nil
	}
	u, err := ws.NewUpgrader(o)
	if err == nil {
		keep(b.upgraders, key, u)
	}
	return u, err
}

// tlsConfig returns one for the certificate of the options of accept.
func (b *hub) tlsConfig(h *host.Host, o *options) (*tls.Config, error) {
	key := fmt.Sprintf("%q %q %+v", o.certFile, o.keyFile, o.autocert)
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.configs[key]; c != nil {
		return c, nil
	}
	c, err := o.serverTLS(h, nil)
	if err == nil {
		keep(b.configs, key, c)
	}
	return c, err
}

func keep[T any](kept map[string]T, key string, v T) {
	if len(kept) >= maxKept {
		clear(kept)
	}
	kept[key] = v
}
