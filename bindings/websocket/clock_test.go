package websocket

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/internal/conntest"
	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// The tests here are about times. Their clock is fake, so that no machine is too slow for them: connections are pipes.

// pipes is a listener whose connections are pipes.
type pipes struct{ *conntest.Pipes }

func (p pipes) dial(t *testing.T) net.Conn {
	c, _ := p.Dial()
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Hour)) // of the fake clock
	return c
}

// module is "pipes", whose function listen(handle, options) is websocket.listen for pipes.
func (p pipes) module() host.Module {
	f := vm.Function("listen", func(c *vm.Call) error {
		o, err := parseOptions(c, 2)
		if err != nil {
			return err
		}
		l, err := poolIn(c).newListener(c.CheckTable(1), o)
		if err != nil {
			return err
		}
		return l.start(p)
	})
	return host.Module{Name: "pipes", Open: func(*host.Service) (vm.Value, error) { return f, nil }}
}

// listening runs a test with a service that serves pages over pipes, by a fake clock.
func listening(t *testing.T, f func(t *testing.T, p pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := pipes{conntest.NewPipes()}
		h := hosttest.New(t, host.WithModule(p.module()), host.WithModule(Modules()...), host.WithModule(skynet.Modules()...))
		h.Eval(`require "http.websocket" -- its state is the service's
			require "pipes" ({}, { serve = {
				["/"] = "page", ["/large"] = ("x"):rep(2^20),
				["/function"] = function(request) return 200, request.body end,
			} })`)
		f(t, p)
		time.Sleep(time.Second) // net/http lingers
	})
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// answers reads an answer and requires its status. It returns the body.
func answers(t *testing.T, r *bufio.Reader, status int) string {
	t.Helper()
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Fatalf("got %s, %v, want %d", response.Status, err, status)
	}
	return string(body)
}

// ends reads to the end of the connection, which must come when so much time has passed.
func ends(t *testing.T, r io.Reader, begin time.Time, after time.Duration) {
	t.Helper()
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Error(err)
	}
	if passed := time.Since(begin); passed != after {
		t.Errorf("the end came after %v, want %v", passed, after)
	}
}

const pageRequest = "GET %s HTTP/1.1\r\nHost: x\r\n\r\n"

// TestIdleTime fails when a connection that has asked for a page stays for longer than it may, or can't ask again.
func TestIdleTime(t *testing.T) {
	listening(t, func(t *testing.T, p pipes) {
		c := p.dial(t)
		r := bufio.NewReader(c)
		for range 3 {
			say(t, c, fmt.Sprintf(pageRequest, "/"))
			if got := answers(t, r, 200); got != "page" {
				t.Errorf("got %q", got)
			}
			time.Sleep(ws.DefaultIdle - 1)
		}
		say(t, c, fmt.Sprintf(pageRequest, "/"))
		begin := time.Now()
		answers(t, r, 200)
		ends(t, r, begin, ws.DefaultIdle)
	})
}

// TestSlowRequest fails when a client that sends its header, or a body, too slowly keeps its connection.
func TestSlowRequest(t *testing.T) {
	drip := func(c net.Conn) {
		for {
			time.Sleep(time.Second)
			if _, err := c.Write([]byte("x")); err != nil {
				return
			}
		}
	}
	listening(t, func(t *testing.T, p pipes) {
		c := p.dial(t)
		begin := time.Now()
		say(t, c, "GET / HTTP/1.1\r\nHost: ")
		go drip(c)
		ends(t, c, begin, ws.DefaultHandshake)

		c = p.dial(t)
		begin = time.Now()
		say(t, c, "POST /function HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
		go drip(c)
		r := bufio.NewReader(c)
		answers(t, r, http.StatusRequestTimeout)
		if passed := time.Since(begin); passed != ws.DefaultIdle {
			t.Errorf("it was answered after %v", passed)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Error(err)
		}
	})
}

// TestSlowPageReader fails when a client that doesn't read a page keeps its connection.
func TestSlowPageReader(t *testing.T) {
	listening(t, func(t *testing.T, p pipes) {
		c := p.dial(t)
		begin := time.Now()
		say(t, c, fmt.Sprintf(pageRequest, "/large"))
		b := make([]byte, 1)
		size := 0
		for ; ; size++ { // a byte a second
			if _, err := c.Read(b); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		// The end is seen by the read behind it.
		if passed, want := time.Since(begin), ws.DefaultIdle+ws.DefaultHandshake; passed < want || passed > want+time.Second {
			t.Errorf("it read %d bytes in %v", size, passed)
		}
	})
}

// TestLargeBody fails when a body over the limit is not refused as that.
func TestLargeBody(t *testing.T) {
	listening(t, func(t *testing.T, p pipes) {
		for size, status := range map[int]int{maxBody: 200, maxBody + 1: http.StatusRequestEntityTooLarge} {
			c := p.dial(t)
			go func() {
				_, _ = fmt.Fprintf(c, "POST /function HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size))
			}()
			answers(t, bufio.NewReader(c), status)
			_ = c.Close()
		}
	})
}
