package websocket

import (
	"net/http"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// Handler returns what serves WebSockets beside the other handlers of a Go program: requests are upgraded, and the
// connections go to the service that has called websocket.attach with this name. As long as there is none, requests get
// 503. The options that scripts give to attach are those of listen, but for serve, path and certificates.
//
//	mux.Handle("/chat", websocket.Handler(h, "chat"))
func Handler(h *host.Host, name string) http.Handler {
	all := attachmentsOf(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch l := all.find(name); {
		case l == nil:
			http.Error(w, "no service takes these connections", http.StatusServiceUnavailable)
		case !ws.IsUpgrade(r):
			w.Header().Set("Upgrade", "websocket")
			http.Error(w, "not a WebSocket request", http.StatusUpgradeRequired)
		default:
			l.upgrade(w, r)
		}
	})
}

// attachments are the listeners without a port, by name: those of a host.
type attachments struct {
	mu     sync.Mutex
	byName map[string]*listener
}

type attachmentsKey struct{}

func attachmentsOf(h *host.Host) *attachments {
	return h.Local(attachmentsKey{}, func() any { return &attachments{byName: map[string]*listener{}} }).(*attachments)
}

func (a *attachments) find(name string) *listener {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.byName[name]
}

// add reports false when another service has the name, and whether it is new to this one.
func (a *attachments) add(name string, l *listener) (ok, isNew bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.byName[name]
	if old != nil && old.pool != l.pool {
		return false, false
	}
	a.byName[name] = l
	return true, old == nil
}

// remove forgets what a service has attached.
func (a *attachments) remove(p *pool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, l := range a.byName {
		if l.pool == p {
			delete(a.byName, name)
		}
	}
}

// attach is attach(name, handle, options). The service that has the name may call it again. While code is reloaded, what
// is attached stays: its handle is the same table, with new functions.
func attach(c *vm.Call) error {
	p := poolIn(c)
	name, handle := c.CheckString(1), c.CheckTable(2)
	o, err := parseOptions(c, 3)
	if err != nil {
		return err
	}
	upgrader, err := ws.NewUpgrader(o.Options)
	if err != nil {
		return c.Errorf("websocket.attach: %v", err)
	}
	all := attachmentsOf(p.service.Host())
	l := &listener{id: p.sockets.NewID(), pool: p, handle: handle, options: o, upgrader: upgrader}
	if p.service.OnTrial() {
		if old := all.find(name); old != nil && old.pool == p {
			return nil
		}
		return p.service.Forbid(c, "websocket.attach")
	}
	ok, isNew := all.add(name, l)
	if !ok {
		return c.Errorf("websocket.attach: another service is attached to '%s'", name)
	}
	if isNew {
		p.service.OnExit(func() { all.remove(p) })
	}
	return nil
}
