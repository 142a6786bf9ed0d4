package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// client is a WebSocket client that does as little as it can.
type client struct {
	net.Conn
	br    *bufio.Reader
	frame []byte // masked with zeros
	want  []byte // the frame that comes back
	got   []byte
}

func dial(address string, size int) (*client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	c := &client{Conn: conn, br: bufio.NewReaderSize(conn, 4096)}
	_, err = fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", address)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	response, err := http.ReadResponse(c.br, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		_ = conn.Close()
		return nil, fmt.Errorf("handshake: %v %v", response, err)
	}
	payload := bytes.Repeat([]byte("x"), size)
	c.frame = append(append(header(size, 0x80), 0, 0, 0, 0), payload...)
	c.want = append(header(size, 0), payload...)
	c.got = make([]byte, len(c.want))
	return c, nil
}

func header(size int, mask byte) []byte {
	switch {
	case size < 126:
		return []byte{0x81, mask | byte(size)}
	case size < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{0x81, mask | 126}, uint16(size))
	}
	return binary.BigEndian.AppendUint64([]byte{0x81, mask | 127}, uint64(size))
}

// receive reads a frame and verifies it. Pings are passed over: the server hears of the client by the next message.
func (c *client) receive() error {
	for {
		head, err := c.br.Peek(2)
		if err != nil {
			return err
		}
		if head[0] != 0x89 {
			break
		}
		_, _ = c.br.Discard(2 + int(head[1]))
	}
	if _, err := io.ReadFull(c.br, c.got); err != nil {
		return err
	}
	if !bytes.Equal(c.got, c.want) {
		return fmt.Errorf("a wrong frame came back: %.20q", c.got)
	}
	return nil
}

// bye does the closing handshake.
func (c *client) bye() error {
	defer c.Close()
	if _, err := c.Write([]byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8}); err != nil {
		return err
	}
	var b [4]byte
	_, err := io.ReadFull(c.br, b[:])
	return err
}

func dialAll(address string, n, size int) ([]*client, error) {
	all := make([]*client, 0, n)
	for range n {
		c, err := dial(address, size)
		if err != nil {
			hangUp(all)
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func hangUp(all []*client) {
	for _, c := range all {
		_ = c.Close()
	}
}

// together runs f for each client and returns the sum of what was done, or the first error.
func together(all []*client, f func(c *client) (int, error)) (int, error) {
	var (
		group sync.WaitGroup
		sum   atomic.Int64
		first atomic.Pointer[error]
	)
	for _, c := range all {
		group.Go(func() {
			n, err := f(c)
			sum.Add(int64(n))
			if err != nil {
				first.CompareAndSwap(nil, &err)
			}
		})
	}
	group.Wait()
	if err := first.Load(); err != nil {
		return 0, *err
	}
	return int(sum.Load()), nil
}

// load is a server with its clients.
type load struct {
	*process
	cell
	clients []*client // none where each slice connects anew
}

// prepare starts a server, connects the clients and warms both up.
func prepare(s server, c cell, warmUp time.Duration) (*load, error) {
	p, err := start(s, c)
	if err != nil {
		return nil, err
	}
	l := &load{process: p, cell: c}
	if c.kind != connecting {
		l.clients, err = dialAll(p.address, c.connections, c.size)
	}
	if err == nil && c.kind == broadcasting {
		time.Sleep(time.Second) // the server has answered the handshakes, and may still be noting down who came
	}
	if err == nil {
		_, err = l.run(warmUp)
	}
	if err != nil {
		l.end()
		return nil, l.explain(err)
	}
	return l, nil
}

func (l *load) end() {
	hangUp(l.clients)
	l.stop()
}

// run sends messages for a while, and returns how many came back.
func (l *load) run(span time.Duration) (int, error) {
	var over atomic.Bool
	timer := time.AfterFunc(span, func() { over.Store(true) })
	defer timer.Stop()
	switch l.kind {
	case connecting:
		return l.reconnect(&over)
	case broadcasting:
		return spread(l.clients, l.cell, &over)
	default:
		return together(l.clients, func(cl *client) (int, error) { return cl.echo(l.inFlight, &over) })
	}
}

// echo keeps so many messages in flight until over is set.
func (c *client) echo(inFlight int, over *atomic.Bool) (n int, err error) {
	batch := bytes.Repeat(c.frame, inFlight)
	for !over.Load() {
		if _, err := c.Write(batch); err != nil {
			return n, err
		}
		for range inFlight {
			if err := c.receive(); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// spread has the first client send, and counts what all receive.
func spread(all []*client, c cell, over *atomic.Bool) (int, error) {
	total := 0
	for !over.Load() {
		if _, err := all[0].Write(bytes.Repeat(all[0].frame, c.inFlight)); err != nil {
			return total, err
		}
		n, err := together(all, func(cl *client) (int, error) {
			for range c.inFlight {
				if err := cl.receive(); err != nil {
					return 0, err
				}
			}
			return c.inFlight, nil
		})
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

// reconnect opens, uses and closes connections.
func (l *load) reconnect(over *atomic.Bool) (int, error) {
	return together(make([]*client, l.connections), func(*client) (n int, err error) {
		for ; !over.Load(); n++ {
			cl, err := dial(l.address, l.size)
			if err != nil {
				return n, err
			}
			if _, err := cl.Write(cl.frame); err != nil {
				return n, err
			}
			if err := cl.receive(); err != nil {
				return n, err
			}
			if err := cl.bye(); err != nil {
				return n, err
			}
		}
		return n, nil
	})
}

// hold opens connections, uses each once, and measures what they take. The server's garbage is collected by then.
func hold(s server, c cell) (result, error) {
	p, err := start(s, c)
	if err != nil {
		return result{}, err
	}
	defer p.stop()
	before, err := p.memory()
	if err != nil {
		return result{}, err
	}
	all, err := dialAll(p.address, c.connections, c.size)
	if err != nil {
		return result{}, err
	}
	defer hangUp(all)
	n, err := together(all, func(cl *client) (int, error) {
		if _, err := cl.Write(cl.frame); err != nil {
			return 0, err
		}
		return 1, cl.receive()
	})
	if err != nil {
		return result{}, err
	}
	runtime.GC()
	least := 0.0
	for range 10 { // the resident size goes down when the server's collector has run
		time.Sleep(200 * time.Millisecond)
		now, err := p.memory()
		if err != nil {
			return result{}, err
		}
		if least == 0 || now < least {
			least = now
		}
	}
	return result{(least - before) / float64(n), 0}, nil
}
