package sockets

import (
	"context"
	"net"
	"strconv"
)

// Dial connects to a TCP port, and hands the connection to done, which must not block: a socket that is not
// started yet, or an error. It does not wait; it returns the number that the socket will have. The end of the owner's
// service ends the attempt.
func (t *Set) Dial(o *Owner, host string, port int, done func(*Stream, error)) (id int) {
	id = t.NewID() // also if it fails, as in skynet
	ctx := o.Service.Context()
	t.work.Go(func() {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			done(nil, err)
			return
		}
		s := t.newStream(id, o, c.(*net.TCPConn), "TCP", addressText(c.RemoteAddr()))
		if s == nil {
			done(nil, ErrInvalid)
			return
		}
		done(s, nil)
	})
	return id
}

// Resolve looks up the addresses of a host, and hands them to done, which must not block.
func (t *Set) Resolve(ctx context.Context, host string, done func([]string, error)) {
	t.work.Go(func() { done(net.DefaultResolver.LookupHost(ctx, host)) })
}
