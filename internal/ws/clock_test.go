package ws_test

import (
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luahost/luahost/internal/conntest"
	"github.com/luahost/luahost/internal/ws"
)

// The tests here are about times. Their clock is fake, so that no machine is too slow for them: connections are pipes.

// timed runs a test with a server whose clock, and the test's, is fake.
func timed(t *testing.T, o ws.Options, f func(t *testing.T, s *server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := conntest.NewPipes()
		f(t, serveOn(t, o, 0, 0, p, p.Dial))
	})
}

// passed requires that so much time has passed.
func passed(t *testing.T, since time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(since); got != want {
		t.Errorf("%v have passed, want %v", got, want)
	}
}

// drained reads up to the end of the connection.
func (r *raw) drained() {
	r.t.Helper()
	if _, err := io.Copy(io.Discard, r.br); err != nil {
		r.t.Error(err)
	}
}

// TestPongOverdue fails when a peer that answers pings is dropped, or one is kept that doesn't.
func TestPongOverdue(t *testing.T) {
	timed(t, ws.Options{}, func(t *testing.T, s *server) {
		r := s.dial(nil)
		_ = r.SetDeadline(time.Now().Add(time.Hour))
		begin := time.Now()
		for i := range 9 {
			r.expect(ping, "")
			passed(t, begin, time.Duration(i+1)*ws.DefaultPing)
			time.Sleep(ws.DefaultPong - 1)
			if i%2 == 0 {
				r.send(frame(pong, ""))
			} else {
				r.send(frame(text, "x")) // a sign of life, too
				r.expect(text, "x")
			}
		}
		r.expect(ping, "")
		r.drained()
		passed(t, begin, 10*ws.DefaultPing+ws.DefaultPong)
		if e := s.end(); e.Code != ws.StatusLost || e.Err != ws.ErrNoPong {
			t.Errorf("ended with %+v", e)
		}
		synctest.Wait()
		if n := s.listener.Open(); n != 0 {
			t.Errorf("%d connections are counted", n)
		}
	})
}

// TestCloseTime fails when a peer that never answers a close frame, or never stops sending behind it, keeps its connection.
func TestCloseTime(t *testing.T) {
	for name, client := range map[string]func(r *raw){
		"silent": func(*raw) {},
		"sending": func(r *raw) {
			for {
				if _, err := r.Write(frame(text, "more")); err != nil {
					return
				}
				time.Sleep(time.Second / 10)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			timed(t, ws.Options{}, func(t *testing.T, s *server) {
				r := s.dial(nil)
				c := <-s.echo.conns
				begin := time.Now()
				go func() { c.Close(1001, "bye") }()
				r.expect(closing, "\x03\xe9bye")
				var sending sync.WaitGroup
				sending.Go(func() { client(r) })
				r.drained()
				s.conns.Wait() // they are released
				passed(t, begin, ws.DefaultClosing)
				if e := s.end(); e.Code != 1001 || e.Remote {
					t.Errorf("ended with %+v", e)
				}
				sending.Wait()
				synctest.Wait()
				if n := s.listener.Open(); n != 0 {
					t.Errorf("%d connections are counted", n)
				}
			})
		})
	}
}

// TestEndBehindTheClose fails when a peer that waits for the end of the connection behind the close frame, as it should, has to
// wait for the whole time of a closing handshake.
func TestEndBehindTheClose(t *testing.T) {
	for name, send := range map[string][]byte{
		"of the peer":   closeFrame(1000, ""),
		"of ours":       []byte("unmasked"),
		"with an error": frame(text, "\xff"),
	} {
		t.Run(name, func(t *testing.T) {
			timed(t, ws.Options{}, func(t *testing.T, s *server) {
				r := s.dial(nil)
				begin := time.Now()
				r.send(send)
				r.drained()
				passed(t, begin, 0)
			})
		})
	}
}

// TestCloseTimeOfABusyHandler fails when a handler that goes on keeps the connection from being closed.
func TestCloseTimeOfABusyHandler(t *testing.T) {
	timed(t, ws.Options{}, func(t *testing.T, s *server) {
		s.echo.hold = make(chan struct{})
		r := s.dial(frame(text, "hold"))
		c := <-s.echo.conns
		synctest.Wait()
		begin := time.Now()
		go func() { c.Close(1001, "bye") }()
		r.drained()
		passed(t, begin, ws.DefaultClosing)
		close(s.echo.hold)
		if e := s.end(); e.Code != 1001 {
			t.Errorf("ended with %+v", e)
		}
	})
}

// TestStopDuringAHandler fails when messages that came behind the one that is being handled are handled after CloseSoon.
func TestStopDuringAHandler(t *testing.T) {
	timed(t, ws.Options{}, func(t *testing.T, s *server) {
		s.echo.hold = make(chan struct{})
		r := s.dial(join(frame(text, "hold"), frame(text, "b"), frame(text, "c")))
		c := <-s.echo.conns
		synctest.Wait()
		c.CloseSoon()
		close(s.echo.hold)
		r.expect(text, "hold")
		r.closeFrame(ws.StatusGoingAway)
	})
}
