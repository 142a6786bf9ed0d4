package ws

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/lxzan/gws"
)

// DialOptions are the choices of a client.
type DialOptions struct {
	Limits
	Header      http.Header // of the request: Origin, Sec-WebSocket-Protocol, Host and others
	TLS         *tls.Config // nil verifies the server against the system's roots
	Compression bool        // offer permessage-deflate
	Threshold   int         // bytes from which a message is compressed
}

// responseHeader is how many bytes the header of a server's response may have.
const responseHeader = 64 << 10

// Dial opens a connection to a ws: or wss: URL. It gives up when ctx ends, or after Limits.Handshake.
// The response is returned also with an error, if there was one.
func Dial(ctx context.Context, address string, handler Handler, o DialOptions) (*Conn, *http.Response, error) {
	var err error
	if o.Limits, err = o.Limits.WithDefaults(); err != nil {
		return nil, nil, err
	}
	setDefault(&o.Threshold, DefaultThreshold)
	target, err := parseURL(address)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.Handshake)
	defer cancel()
	var dialer net.Dialer
	netConn, err := dialer.DialContext(ctx, "tcp", hostPort(target))
	if err != nil {
		return nil, nil, err
	}
	w := newWire(netConn)
	c := &Conn{handler: handler, limits: &o.Limits}
	t := &c.transport
	t.Conn, t.wire, t.conn, t.client, t.response = w, w, c, true, &responseEnd{}
	t.checker.limit, t.checker.deflate = int64(o.Message), o.Compression // frames may come with the response
	stop := context.AfterFunc(ctx, func() { _ = w.Close() })
	defer stop()
	if target.Scheme == "wss" {
		config := o.TLS.Clone()
		if config == nil {
			config = &tls.Config{}
		}
		setDefault(&config.ServerName, target.Hostname())
		secure := tls.Client(w, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = w.Close()
			return nil, nil, failed(ctx, err)
		}
		t.Conn = secure
	}
	socket, response, err := gws.NewClientFromConn(events{}, clientOption(target, &o), t)
	if err != nil {
		_ = w.Close()
		return nil, response, failed(ctx, err)
	}
	if !stop() {
		return nil, response, ctx.Err()
	}
	if deflate := response.Header.Get("Sec-Websocket-Extensions"); deflate != "" && (!o.Compression || acceptOffer(deflate) == 0) {
		_ = w.Close()
		return nil, response, fmt.Errorf("the server answers with an extension that was not offered: %q", deflate)
	}
	c.socket = socket
	c.begin(response.Header.Get("Sec-Websocket-Extensions") != "")
	return c, response, nil
}

// failed prefers the reason that a context ended for to what that led to.
func failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func parseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "" {
		return nil, errors.New("not a WebSocket's URL: want ws://HOST or wss://HOST, with a port and a path if need be")
	}
	u.Fragment = ""
	return u, nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		if port = "80"; u.Scheme == "wss" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func clientOption(target *url.URL, o *DialOptions) *gws.ClientOption {
	header := http.Header{}
	for name, values := range o.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	address := *target
	if u := address.User; u != nil && header.Get("Authorization") == "" {
		r := http.Request{Header: header}
		password, _ := u.Password()
		r.SetBasicAuth(u.Username(), password)
	}
	address.User = nil
	option := &gws.ClientOption{
		Addr:                address.String(),
		RequestHeader:       header,
		HandshakeTimeout:    o.Handshake,
		ReadMaxPayloadSize:  o.Message,
		WriteMaxPayloadSize: MaxMessage,
		ReadBufferSize:      4096,
		ParallelGolimit:     1,
		NewSession:          func() gws.SessionStorage { return nil },
		Logger:              silent{},
	}
	if o.Compression {
		option.PermessageDeflate = gws.PermessageDeflate{
			Enabled: true, Threshold: o.Threshold, Level: DefaultLevel,
			ServerMaxWindowBits: maxWindow, ClientMaxWindowBits: maxWindow,
		}
	}
	return option
}

// responseEnd finds the end of a response's header.
type responseEnd struct {
	size int
	tail []byte
}

var errResponse = errors.New("the response's header is too long")

// scan returns how many bytes of p belong to the header, and whether that ends there.
func (r *responseEnd) scan(p []byte) (n int, done bool, err error) {
	before := len(r.tail)
	all := append(r.tail, p...)
	if i := bytes.Index(all, []byte("\r\n\r\n")); i >= 0 {
		return i + 4 - before, true, nil
	}
	if r.size += len(p); r.size > responseHeader {
		return 0, false, errResponse
	}
	r.tail = append([]byte(nil), all[max(0, len(all)-3):]...)
	return len(p), false, nil
}
