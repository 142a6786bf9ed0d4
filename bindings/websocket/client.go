package websocket

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// connect opens a connection: connect(url, header, timeout, options). It waits for the handshake, at most timeout
// hundredths of a second, and returns the id.
func connect(c *vm.Call) error {
	p := poolIn(c)
	address := c.CheckString(1)
	header, err := requestHeader(c, 2)
	if err != nil {
		return err
	}
	o, err := parseOptions(c, 4)
	if err != nil {
		return err
	}
	if v := c.Arg(3); !v.IsNil() {
		o.Handshake = time.Duration(max(c.CheckNumber(3), 0.01) * float64(10*time.Millisecond))
	}
	if !p.service.CanWait(c) {
		return p.service.Suspend(c, 0, nil)
	}
	tlsConfig, err := o.clientTLS(p.service.Host())
	if err != nil {
		return c.Errorf("websocket.connect: %v", err)
	}
	s := p.newSession(p.sockets.NewID(), nil, "")
	s.inbox = &inbox{}
	if !p.hub.add(s) {
		return c.Errorf("websocket.connect: the host is closing")
	}
	d := &dialing{session: s, url: address, waiter: p.service.NewSession()}
	d.options = ws.DialOptions{
		Limits: o.Limits, Header: header, TLS: tlsConfig,
		Compression: o.Compression, Threshold: o.Threshold,
	}
	go d.run()
	return p.service.Suspend(c, d.waiter, d.result)
}

func requestHeader(c *vm.Call, i int) (http.Header, error) {
	if c.Arg(i).IsNil() {
		return nil, nil
	}
	h := http.Header{}
	t := c.CheckTable(i)
	for k, v, err := t.Next(vm.Nil()); !k.IsNil(); k, v, err = t.Next(k) {
		if err != nil {
			return nil, err
		}
		name, ok := k.AsString()
		if !ok {
			return nil, c.ArgError(i, "names of headers expected")
		}
		if text, ok := vm.ToString(v); ok {
			h.Add(name, text)
			continue
		}
		values, err := stringList(v)
		if err != nil {
			return nil, c.ArgError(i, fmt.Sprintf("header '%s': %v", name, err))
		}
		for _, value := range values {
			h.Add(name, value)
		}
	}
	return h, nil
}

// dialing is a call of connect.
type dialing struct {
	session *session
	url     string
	options ws.DialOptions
	waiter  int // session of the task that called connect
	conn    *ws.Conn
	err     error
}

func (d *dialing) run() {
	s := d.session
	defer s.pool.hub.remove(s)
	ctx, cancel := context.WithCancel(s.service.Context())
	defer cancel()
	go func() { // a host that closes doesn't wait for the handshake
		select {
		case <-s.givenUp():
			cancel()
		case <-ctx.Done():
		}
	}()
	var response *http.Response
	d.conn, response, d.err = ws.Dial(ctx, d.url, s, d.options)
	if d.err != nil && response != nil && response.StatusCode != http.StatusSwitchingProtocols {
		d.err = fmt.Errorf("the server answers %s", response.Status)
	}
	if d.err == nil {
		s.addr = d.conn.RemoteAddr().String()
		s.request = requestOf(&http.Request{Header: response.Header, RequestURI: d.url})
	}
	if !s.service.Deliver(d.waiter, nil) && d.conn != nil {
		d.conn.Close(ws.StatusGoingAway, "service ends")
	}
	if d.conn != nil {
		s.inbox.finish(s, s.serve(d.conn))
	}
}

// result answers the task that called connect.
func (d *dialing) result(c *vm.Call) error {
	if d.err != nil {
		return c.Errorf("websocket.connect %s: %v", d.url, d.err)
	}
	s := d.session
	s.conn = d.conn
	s.pool.sessions[s.id] = s
	return c.Return(vm.Int(s.id))
}
