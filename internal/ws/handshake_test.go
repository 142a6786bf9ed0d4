package ws_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/luahost/luahost/internal/ws"
)

func (s *server) refusal(request string) *http.Response {
	s.t.Helper()
	r := s.connect()
	r.send([]byte(request))
	response, err := http.ReadResponse(r.br, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = response.Body.Close()
	return response
}

func TestHandshakeIsChecked(t *testing.T) {
	s := serve(t, ws.Options{})
	good := s.request()
	for name, c := range map[string]struct {
		old, new string
		want     int
	}{
		"good":                {"", "", 101},
		"POST":                {"GET ", "POST ", 405},
		"HTTP/1.0":            {"HTTP/1.1", "HTTP/1.0", 400},
		"no upgrade":          {"Upgrade: websocket", "X: y", 426},
		"another upgrade":     {"Upgrade: websocket", "Upgrade: h2c", 426},
		"several upgrades":    {"Upgrade: websocket", "Upgrade: h2c, WebSocket", 101},
		"no connection":       {"Connection: Upgrade", "X: y", 426},
		"connection keep":     {"Connection: Upgrade", "Connection: keep-alive, upgrade", 101},
		"version 8":           {"Version: 13", "Version: 8", 426},
		"no key":              {"Sec-WebSocket-Key", "X-Key", 400},
		"short key":           {"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", 400},
		"key is no base64":    {"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZ***", 400},
		"a body":              {"Version: 13", "Version: 13\r\nContent-Length: 5", 400},
		"a body in chunks":    {"Version: 13", "Version: 13\r\nTransfer-Encoding: chunked", 400},
		"another header line": {"Upgrade: websocket", "upgrade: websocket\r\nX: y", 101},
	} {
		t.Run(name, func(t *testing.T) {
			response := s.refusal(strings.Replace(good, c.old, c.new, 1))
			if response.StatusCode != c.want {
				t.Errorf("%s, want %d", response.Status, c.want)
			}
			if c.want == 426 && response.Header.Get("Sec-WebSocket-Version") != "13" {
				t.Error("no Sec-WebSocket-Version: 13")
			}
		})
	}
}

func TestOrigin(t *testing.T) {
	s := serve(t, ws.Options{Origins: []string{"https://good.example", "any.example", "*.sub.example"}})
	for origin, want := range map[string]int{
		"":                              101,
		"http://" + s.addr:              101,
		"https://" + s.addr:             101,
		"https://good.example":          101,
		"http://good.example":           403,
		"https://good.example:8443":     403,
		"http://any.example":            101,
		"https://a.sub.example":         101,
		"https://a.b.sub.example":       101,
		"https://sub.example":           403,
		"https://evilsub.example":       403,
		"null":                          403,
		"https://evil.example":          403,
		"https://good.example.evil.com": 403,
		"https://evil.com/good.example": 403,
		"https://good.example@evil.com": 403,
		"http://127.0.0.1":              403, // another port
		"file://":                       403,
		"garbage":                       403,
	} {
		header := []string{}
		if origin != "" {
			header = append(header, "Origin: "+origin)
		}
		if got := s.refusal(s.request(header...)).StatusCode; got != want {
			t.Errorf("Origin %q: %d, want %d", origin, got, want)
		}
	}
	if got := s.refusal(s.request("Origin: https://good.example", "Origin: https://evil.example")).StatusCode; got != 403 {
		t.Errorf("two origins: %d", got)
	}
	open := serve(t, ws.Options{Origins: []string{"*"}})
	if got := open.refusal(open.request("Origin: null")).StatusCode; got != 101 {
		t.Errorf("everybody is allowed, but null got %d", got)
	}
}

func TestSubprotocol(t *testing.T) {
	s := serve(t, ws.Options{Subprotocols: []string{"chat", "superchat"}})
	for offer, want := range map[string]string{"": "", "superchat": "superchat", "x, superchat,chat": "superchat", "x": "", "CHAT": ""} {
		header := []string{}
		if offer != "" {
			header = append(header, "Sec-WebSocket-Protocol: "+offer)
		}
		response := s.refusal(s.request(header...))
		if got := response.Header.Get("Sec-WebSocket-Protocol"); response.StatusCode != 101 || got != want {
			t.Errorf("offered %q: %s, %q, want %q", offer, response.Status, got, want)
		}
	}
}

// TestSlowHeader fails when a client that sends its request byte by byte, or not at all, keeps the connection.
func TestSlowHeader(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Handshake: 200 * time.Millisecond}})
	quiet, drip := s.connect(), s.connect()
	go func() {
		for _, b := range []byte(s.request()) {
			if _, err := drip.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	for _, r := range []*raw{quiet, drip} {
		b, _ := io.ReadAll(r.br)
		if strings.Contains(string(b), " 101 ") {
			t.Errorf("got %q", b)
		}
	}
}

func TestLongHeader(t *testing.T) {
	s := serve(t, ws.Options{})
	if got := s.refusal(s.request("X: " + strings.Repeat("x", 1<<20))); got.StatusCode != 431 {
		t.Errorf("got %s", got.Status)
	}
}

func TestTooManyConnections(t *testing.T) {
	for _, c := range []struct{ most, perAddress int }{{2, -1}, {-1, 2}} {
		s := serveWith(t, ws.Options{}, c.most, c.perAddress)
		a, b := s.dial(nil), s.dial(nil)
		third := s.connect()
		_, _ = third.Write([]byte(s.request()))
		if _, err := third.br.ReadByte(); err == nil {
			t.Errorf("%+v: a third connection", c)
		}
		a.send(frame(text, "still"))
		a.expect(text, "still")
		_ = b.Close()
		within(t, "the count goes down", func() bool { return s.listener.Open() == 1 })
		fourth := s.dial(frame(text, "again"))
		fourth.expect(text, "again")
	}
}

// failing is a listener whose Accept fails at times, as for want of file descriptors.
type failing struct {
	net.Listener
	calls atomic.Int32
}

func (f *failing) Accept() (net.Conn, error) {
	if f.calls.Add(1)%2 == 1 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return f.Listener.Accept()
}

func TestAcceptSurvivesEMFILE(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:           http.NotFoundHandler(),
		ReadHeaderTimeout: patience,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ws.NewListener(&failing{Listener: l}, 0, 0, nil)) }()
	for range 3 {
		request, _ := http.NewRequest("GET", "http://"+l.Addr().String(), nil)
		request.Close = true
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
	}
	_ = server.Close()
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

func TestDeflateOffers(t *testing.T) {
	s := serve(t, ws.Options{Compression: true})
	const base = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for offer, want := range map[string]string{
		"permessage-deflate":                                                                     base,
		"permessage-deflate; client_max_window_bits":                                             base,
		"permessage-deflate; client_max_window_bits=9":                                           base,
		"permessage-deflate; server_max_window_bits=15":                                          base + "; server_max_window_bits=14",
		"permessage-deflate; server_max_window_bits=9":                                           base + "; server_max_window_bits=9",
		"permessage-deflate; server_max_window_bits=\"10\"":                                      base + "; server_max_window_bits=10",
		"permessage-deflate; server_no_context_takeover; client_no_context_takeover":             base,
		"permessage-deflate; server_max_window_bits=7":                                           "",
		"permessage-deflate; server_max_window_bits=16":                                          "",
		"permessage-deflate; server_max_window_bits":                                             "",
		"permessage-deflate; client_max_window_bits=99":                                          "",
		"permessage-deflate; server_no_context_takeover=1":                                       "",
		"permessage-deflate; unknown":                                                            "",
		"permessage-deflate; server_max_window_bits=9; server_max_window_bits=10":                "",
		"x-webkit-deflate-frame":                                                                 "",
		"permessage-deflate; unknown, permessage-deflate":                                        base,
		"permessage-bzip2, permessage-deflate; server_max_window_bits=8; client_max_window_bits": base + "; server_max_window_bits=8",
	} {
		response := s.refusal(s.request("Sec-WebSocket-Extensions: " + offer))
		if got := response.Header.Get("Sec-WebSocket-Extensions"); response.StatusCode != 101 || got != want {
			t.Errorf("offered %q: %s, %q, want %q", offer, response.Status, got, want)
		}
	}
	off := serve(t, ws.Options{})
	if got := off.refusal(off.request("Sec-WebSocket-Extensions: permessage-deflate")).Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("compression is off, but %q", got)
	}
}

func TestIndependentClient(t *testing.T) {
	s := serve(t, ws.Options{Compression: true, Limits: ws.Limits{Message: 4 << 20}})
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionNoContextTakeover, websocket.CompressionContextTakeover} {
		ctx := timeout(t)
		c, _, err := websocket.Dial(ctx, "ws://"+s.addr, &websocket.DialOptions{CompressionMode: mode, CompressionThreshold: 1})
		if err != nil {
			t.Fatal(err)
		}
		c.SetReadLimit(8 << 20)
		for i := range 50 {
			message := strings.Repeat(fmt.Sprint("message ", i), i*i*i)
			if err := c.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
				t.Fatal(err)
			}
			_, got, err := c.Read(ctx)
			if err != nil || string(got) != message {
				t.Fatalf("mode %v, message %d: %d bytes, %v", mode, i, len(got), err)
			}
		}
		if err := c.Close(4001, "bye"); err != nil {
			t.Error(err)
		}
		if end := s.end(); end.Code != 4001 {
			t.Errorf("ended with %+v", end)
		}
	}
}
