package ws_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/luahost/luahost/internal/ws"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come. Where a limit must not be reached, it is this, too.
const patience = time.Minute

// echo sends back what comes, and records how connections end.
type echo struct {
	mu    sync.Mutex
	seen  []string
	pings int
	pongs int
	full  int
	ends  chan *ws.Close
	conns chan *ws.Conn
	hold  chan struct{} // the message "hold" is being handled until it is closed
}

func (e *echo) Message(c *ws.Conn, op ws.Opcode, data []byte) (done bool) {
	e.mu.Lock()
	if len(data) < 1024 {
		e.seen = append(e.seen, string(data))
	}
	e.mu.Unlock()
	if string(data) == "hold" {
		<-e.hold
	}
	_ = c.Write(op, data)
	return true
}
func (e *echo) Wait(*ws.Conn)      {}
func (e *echo) Ping(*ws.Conn)      { e.mu.Lock(); e.pings++; e.mu.Unlock() }
func (e *echo) Pong(*ws.Conn)      { e.mu.Lock(); e.pongs++; e.mu.Unlock() }
func (e *echo) Full(*ws.Conn, int) { e.mu.Lock(); e.full++; e.mu.Unlock() }

func (e *echo) messages() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.seen...)
}

// server is an echo server on loopback.
type server struct {
	*echo
	handler  ws.Handler // of connections to come; echo at first
	t        *testing.T
	addr     string
	dialer   func() (net.Conn, error)
	listener *ws.Listener
	http     *http.Server
	conns    sync.WaitGroup
	closing  bool // guarded by echo.mu
}

// begin counts a connection, unless the test is over.
func (s *server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.conns.Add(1)
	}
	return !s.closing
}

func serve(t *testing.T, o ws.Options) *server {
	t.Helper()
	return serveWith(t, o, 0, 0)
}

// serveWith sends no pings unless the options say how often: clients here don't expect them, however long a test takes.
func serveWith(t *testing.T, o ws.Options, most, perAddress int) *server {
	t.Helper()
	if o.Ping == 0 {
		o.Ping = -1
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dial := func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }
	return serveOn(t, o, most, perAddress, l, dial)
}

func serveOn(t *testing.T, o ws.Options, most, perAddress int, l net.Listener, dial func() (net.Conn, error)) *server {
	t.Helper()
	u, err := ws.NewUpgrader(o)
	if err != nil {
		t.Fatal(err)
	}
	e := &echo{ends: make(chan *ws.Close, 10000), conns: make(chan *ws.Conn, 10000)}
	s := &server{echo: e, handler: e, t: t, addr: l.Addr().String(), dialer: dial}
	s.listener = ws.NewListener(l, most, perAddress, nil)
	s.http = &http.Server{
		ReadHeaderTimeout: u.Limits().Handshake,
		MaxHeaderBytes:    u.Limits().Header,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !s.begin() {
				return
			}
			c, err := u.Upgrade(w, r, s.handler)
			if err != nil {
				s.conns.Done()
				return
			}
			s.echo.conns <- c
			go func() {
				defer s.conns.Done()
				s.ends <- c.Serve()
				c.Finish()
			}()
		}),
	}
	go func() { _ = s.http.Serve(s.listener) }()
	t.Cleanup(func() {
		_ = s.http.Close()
		s.mu.Lock()
		s.closing = true
		s.mu.Unlock()
		for {
			select {
			case c := <-s.echo.conns:
				c.Close(1001, "")
				continue
			default:
			}
			break
		}
		s.conns.Wait()
	})
	return s
}

// end waits for the next connection to end.
func (s *server) end() *ws.Close {
	s.t.Helper()
	select {
	case e := <-s.ends:
		return e
	case <-time.After(patience):
		s.t.Fatal("the connection doesn't end")
		return nil
	}
}

// raw is a client that sends whatever it is told to.
type raw struct {
	net.Conn
	t  *testing.T
	br *bufio.Reader
}

func (s *server) request(header ...string) string {
	lines := append([]string{"GET / HTTP/1.1", "Host: " + s.addr, "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"}, header...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// dial connects and sends a handshake, with more bytes behind it in the same packet.
func (s *server) dial(more []byte, header ...string) *raw {
	s.t.Helper()
	r := s.connect()
	r.send(append([]byte(s.request(header...)), more...))
	response, err := http.ReadResponse(r.br, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if response.StatusCode != 101 || response.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		s.t.Fatalf("handshake: %v", response)
	}
	return r
}

func (s *server) connect() *raw {
	s.t.Helper()
	c, err := s.dialer()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return &raw{c, s.t, bufio.NewReader(c)}
}

func (r *raw) send(b []byte) {
	r.t.Helper()
	if _, err := r.Write(b); err != nil {
		r.t.Fatal(err)
	}
}

// frame makes a masked frame; first is FIN, the reserved bits and the opcode.
func frame(first byte, payload string) []byte {
	b := header(first, uint64(len(payload)))
	var key [4]byte
	_, _ = rand.Read(key[:])
	b = append(b, key[:]...)
	for i := 0; i < len(payload); i++ {
		b = append(b, payload[i]^key[i&3])
	}
	return b
}

func header(first byte, size uint64) []byte {
	switch {
	case size < 126:
		return []byte{first, 0x80 | byte(size)}
	case size < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{first, 0x80 | 126}, uint16(size))
	}
	return binary.BigEndian.AppendUint64([]byte{first, 0x80 | 127}, size)
}

func closeFrame(code int, reason string) []byte {
	return frame(0x88, string(binary.BigEndian.AppendUint16(nil, uint16(code)))+reason)
}

// next reads a frame of the server.
func (r *raw) next() (first byte, payload string, err error) {
	var head [10]byte
	if _, err := io.ReadFull(r.br, head[:2]); err != nil {
		return 0, "", err
	}
	size := uint64(head[1])
	switch size {
	case 126:
		_, err = io.ReadFull(r.br, head[2:4])
		size = uint64(binary.BigEndian.Uint16(head[2:]))
	case 127:
		_, err = io.ReadFull(r.br, head[2:10])
		size = binary.BigEndian.Uint64(head[2:])
	}
	if err != nil {
		return 0, "", err
	}
	if size > 64<<20 {
		return 0, "", fmt.Errorf("frame of %d bytes", size)
	}
	b := make([]byte, size)
	_, err = io.ReadFull(r.br, b)
	return head[0], string(b), err
}

// expect reads a frame and compares it.
func (r *raw) expect(first byte, payload string) {
	r.t.Helper()
	f, p, err := r.next()
	if err != nil {
		r.t.Fatalf("want %#x %.40q, got %v", first, payload, err)
	}
	if f != first || p != payload {
		r.t.Fatalf("want %#x %.40q (%d bytes), got %#x %.40q (%d bytes)", first, payload, len(payload), f, p, len(p))
	}
}

// expectClose reads a close frame with a code (0: without one), and then the end of the connection, without a reset.
func (r *raw) expectClose(code int) {
	r.t.Helper()
	r.closeFrame(code)
	r.eof()
}

// answerClose is expectClose for a server that closes first.
func (r *raw) answerClose(code int) {
	r.t.Helper()
	r.closeFrame(code)
	r.send(closeFrame(code, ""))
	r.eof()
}

func (r *raw) closeFrame(code int) {
	r.t.Helper()
	first, payload, err := r.next()
	if err != nil || first != 0x88 {
		r.t.Fatalf("want a close frame, got %#x %.40q, %v", first, payload, err)
	}
	got := 0
	if len(payload) >= 2 {
		got = int(payload[0])<<8 | int(payload[1])
	}
	if got != code {
		r.t.Fatalf("want close code %d, got %d %q", code, got, payload)
	}
}

func (r *raw) eof() {
	r.t.Helper()
	if _, err := r.br.ReadByte(); !errors.Is(err, io.EOF) {
		r.t.Fatalf("behind the close frame: %v, want EOF", err)
	}
}

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

func within(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func timeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// acceptKey answers a Sec-WebSocket-Key (section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
