package websocket

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"github.com/luahost/luahost/bindings/socket"
	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// accept serves a socket until it is closed: accept(id, handle, protocol, addr, options). The socket may have been
// started or not. It returns true; or false and an error, when a handler failed or there was no handshake.
func accept(c *vm.Call) error {
	p := poolIn(c)
	id, handle := c.CheckInt(1), c.CheckTable(2)
	protocol, addr := c.OptString(3, "ws"), c.OptString(4, "")
	o, err := parseOptions(c, 5)
	if err != nil {
		return err
	}
	if !p.service.CanWait(c) {
		return p.service.Suspend(c, 0, nil)
	}
	var config *tls.Config
	switch protocol {
	case "ws":
	case "wss":
		if config, err = p.acceptTLS(o); err != nil {
			return c.Errorf("websocket.accept: %v", err)
		}
	default:
		return c.ArgError(3, "'ws' or 'wss' expected, got '"+protocol+"'")
	}
	upgrader, err := p.hub.upgrader(o.Options)
	if err != nil {
		return c.Errorf("websocket.accept: %v", err)
	}
	conn, early, err := socket.Take(p.service, id)
	if err != nil {
		c.Push(vm.Bool(false), vm.String(err.Error()))
		return nil
	}
	if addr == "" {
		addr = conn.RemoteAddr().String()
	}
	a := &acceptance{
		session: p.newSession(id, handle, addr), conn: conn, early: early, config: config, upgrader: upgrader,
		waiter: p.service.NewSession(),
	}
	if o.upgrade != nil {
		if a.request, err = requestFrom(o.upgrade); err != nil {
			_ = conn.Close()
			return c.ArgError(5, err.Error())
		}
	}
	if !p.hub.add(a.session) {
		_ = conn.Close()
		c.Push(vm.Bool(false), vm.String("the host is closing"))
		return nil
	}
	go a.run()
	return p.service.Suspend(c, a.waiter, a.result)
}

// acceptance is a call of accept.
type acceptance struct {
	session  *session
	conn     net.Conn
	early    []byte // that a script has not read
	config   *tls.Config
	upgrader *ws.Upgrader
	request  *http.Request // nil: still to be read
	waiter   int           // session of the task that called accept
	err      string
}

func (a *acceptance) run() {
	s := a.session
	defer s.pool.hub.remove(s)
	a.serve()
	s.service.Deliver(a.waiter, nil)
}

func (a *acceptance) serve() {
	s := a.session
	s.tell(eventConnect)
	if s.failure != "" {
		_ = a.conn.Close()
		a.err = s.failure
		return
	}
	conn, err := a.handshake()
	if err != nil {
		a.err = err.Error()
		return
	}
	if a.err = s.failureOf(s.serve(conn)); a.err == "" {
		a.err = s.failure
	}
}

// failureOf words how a connection ended for the script that accepted it: lost connections are no failure in skynet.
func (s *session) failureOf(end *ws.Close) string {
	if v, ok := end.Err.(*ws.Violation); ok {
		return v.Error()
	}
	return ""
}

func (a *acceptance) handshake() (*ws.Conn, error) {
	conn := net.Conn(&primed{Conn: a.conn, early: a.early})
	if len(a.early) == 0 {
		conn = a.conn
	}
	if a.config != nil {
		conn = ws.Secure(conn, a.config)
	}
	r, br := a.request, bufio.NewReaderSize(conn, 4096)
	if r == nil {
		var err error
		if r, err = a.upgrader.ReadRequest(conn, br); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	a.session.note(r)
	return a.upgrader.UpgradeConn(conn, br, r, a.session)
}

// result answers the task that called accept.
func (a *acceptance) result(c *vm.Call) error {
	if a.err != "" {
		c.Push(vm.Bool(false), vm.String(a.err))
		return nil
	}
	return c.Return(vm.Bool(true))
}

// primed is a connection with bytes that were read from it before.
type primed struct {
	net.Conn
	early []byte
}

func (p *primed) Read(b []byte) (int, error) {
	if len(p.early) > 0 {
		n := copy(b, p.early)
		p.early = p.early[n:]
		return n, nil
	}
	return p.Conn.Read(b)
}

// NetConn returns the connection below.
func (p *primed) NetConn() net.Conn { return p.Conn }

// SyscallConn and CloseWrite are those of the connection below, if it has them.
func (p *primed) SyscallConn() (syscall.RawConn, error) {
	if c, ok := p.Conn.(syscall.Conn); ok {
		return c.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

func (p *primed) CloseWrite() error {
	if c, ok := p.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}

// requestFrom makes a request of the table that a script has read it into: {method, url, header, version}.
func requestFrom(t *vm.Table) (*http.Request, error) {
	r := &http.Request{Method: http.MethodGet, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}}
	if method, ok := t.GetString("method").AsString(); ok {
		r.Method = method
	}
	r.RequestURI, _ = t.GetString("url").AsString()
	header, ok := t.GetString("header").AsTable()
	if !ok {
		return nil, errors.New("option 'upgrade': a table with the request's header expected")
	}
	for k, v, err := header.Next(vm.Nil()); !k.IsNil(); k, v, err = header.Next(k) {
		if err != nil {
			return nil, err
		}
		name, _ := k.AsString()
		values, err := stringList(v)
		if err != nil {
			return nil, fmt.Errorf("option 'upgrade': header '%s': %w", name, err)
		}
		for _, value := range values {
			r.Header.Add(name, value)
		}
	}
	r.Host = r.Header.Get("Host")
	return r, nil
}

// acceptTLS returns the configuration for a certificate of the options; of the settings certfile and keyfile, as in
// skynet, when the options name none.
func (p *pool) acceptTLS(o *options) (*tls.Config, error) {
	if o.certFile == "" && o.keyFile == "" && o.autocert == nil {
		o.certFile, o.keyFile = "./server-cert.pem", "./server-key.pem"
		if v, ok := p.service.Host().Getenv("certfile"); ok {
			o.certFile = v
		}
		if v, ok := p.service.Host().Getenv("keyfile"); ok {
			o.keyFile = v
		}
	}
	return p.hub.tlsConfig(p.service.Host(), o)
}
