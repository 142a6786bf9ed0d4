package websocket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// listener accepts connections for a service, and serves pages on the same port.
type listener struct {
	id       int
	pool     *pool
	handle   *vm.Table
	options  *options
	upgrader *ws.Upgrader
	listener *ws.Listener
	server   *http.Server
	config   *tls.Config // nil: no TLS
	pages    *pages
	once     sync.Once
}

// listen makes a listener: listen(address, handle, options). The address is "host:port", ":port" or "[ipv6]:port".
func listen(c *vm.Call) error {
	p := poolIn(c)
	address, handle := c.CheckString(1), c.CheckTable(2)
	o, err := parseOptions(c, 3)
	if err != nil {
		return err
	}
	l, err := p.newListener(handle, o)
	if err == nil {
		err = l.listen(address)
	}
	if err != nil {
		return c.Errorf("websocket.listen: %v", err)
	}
	p.listeners[l.id] = l
	host, port, _ := net.SplitHostPort(l.listener.Addr().String())
	c.Push(vm.Int(l.id), vm.String(host))
	if n, ok := vm.ToNumber(vm.String(port)); ok {
		c.Push(vm.Number(n))
	}
	return nil
}

func (p *pool) newListener(handle *vm.Table, o *options) (*listener, error) {
	upgrader, err := ws.NewUpgrader(o.Options)
	if err != nil {
		return nil, err
	}
	l := &listener{id: p.sockets.NewID(), pool: p, handle: handle, options: o, upgrader: upgrader}
	if l.pages, err = newPages(p.service, o.serve); err != nil {
		return nil, err
	}
	if l.config, err = o.serverTLS(p.service.Host(), func(err error) { l.logf("certificate: %v", err) }); err != nil {
		return nil, err
	}
	l.server = &http.Server{
		Handler:           l,
		ReadHeaderTimeout: upgrader.Limits().Handshake,
		IdleTimeout:       ws.DefaultIdle,
		MaxHeaderBytes:    upgrader.Limits().Header,
		ErrorLog:          log.New(lineWriter(l.logf), "", 0),
	}
	return l, nil
}

func (l *listener) listen(address string) error {
	n, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return err
	}
	return l.start(n)
}

// start accepts from n, until the listener is closed.
func (l *listener) start(n net.Listener) error {
	l.listener = ws.NewListener(n, l.options.connections, l.options.perAddress, l.refused())
	if !l.pool.hub.addListener(l) {
		_ = n.Close()
		return errors.New("the host is closing")
	}
	go l.accept()
	return nil
}

// accept runs until the listener is closed. net/http waits and goes on when there are no more file descriptors.
func (l *listener) accept() {
	defer l.pool.hub.removeListener(l)
	defer l.pages.close()
	var door net.Listener = l.listener
	if l.config != nil {
		door = tls.NewListener(door, l.config)
	}
	if err := l.server.Serve(door); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		l.logf("accepting ends: %v", err)
	}
}

// close stops accepting. Requests for pages that are being answered are dropped; WebSockets stay.
func (l *listener) close() { l.once.Do(func() { _ = l.server.Close() }) }

// refuseLog is the least time between two lines of the log about refused connections.
const refuseLog = 10 * time.Second

// refused returns what reports connections over the bounds: not each of them.
func (l *listener) refused() func(net.Addr, string) {
	var mu sync.Mutex
	var last time.Time
	return func(addr net.Addr, reason string) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); now.Sub(last) >= refuseLog {
			last = now
			l.logf("%s refused: %s", addr, reason)
		}
	}
}

func (l *listener) logf(format string, args ...any) {
	svc := l.pool.service
	svc.Host().Logf(svc.Address(), "websocket %d: %s", l.id, clean(fmt.Sprintf(format, args...)))
}

// clean blanks control characters: a peer must not be able to forge a line of the log.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

// lineWriter lets net/http's server log.
type lineWriter func(format string, args ...any)

func (w lineWriter) Write(p []byte) (int, error) {
	w("%s", strings.TrimSpace(string(p)))
	return len(p), nil
}

// ServeHTTP upgrades a request, or answers it with a page.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if ws.IsUpgrade(r) && (l.options.path == "" || r.URL.Path == l.options.path) {
		l.upgrade(w, r)
		return
	}
	// Not the server's timeouts: those would cost each handshake something, too.
	control, deadline := http.NewResponseController(w), time.Now().Add(ws.DefaultIdle)
	_ = control.SetReadDeadline(deadline)
	_ = control.SetWriteDeadline(deadline.Add(ws.DefaultHandshake)) // so that who sends too slowly is told
	l.pages.ServeHTTP(w, r)
}

func (l *listener) upgrade(w http.ResponseWriter, r *http.Request) {
	p := l.pool
	s := p.newSession(p.sockets.NewID(), l.handle, r.RemoteAddr)
	s.note(r)
	if !p.hub.add(s) {
		http.Error(w, "the server is closing", http.StatusServiceUnavailable)
		return
	}
	s.tell(eventConnect)
	if s.failure != "" {
		p.hub.remove(s)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	conn, err := l.upgrader.Upgrade(w, r, s)
	if err != nil {
		p.hub.remove(s)
		return
	}
	// A goroutine of its own, for that of net/http holds the request and its buffers.
	go func() {
		defer p.hub.remove(s)
		s.serve(conn)
	}()
}
