package ws_test

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/luahost/luahost/internal/ws"
)

// deflate compresses as permessage-deflate does (RFC 7692, section 7.2.1).
func deflate(t *testing.T, data []byte) string { return deflateTimes(t, data, 1) }

// deflateTimes compresses data n times over.
func deflateTimes(t *testing.T, data []byte, n int) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		_, _ = w.Write(data)
	}
	_ = w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func TestDeflateBomb(t *testing.T) {
	s := serve(t, ws.Options{Compression: true})
	bomb := deflateTimes(t, make([]byte, 1<<20), 256)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 4 {
		r := s.dial(frame(0xc2, bomb), "Sec-WebSocket-Extensions: permessage-deflate")
		r.expectClose(1009)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 64<<20 {
		t.Errorf("%d MiB were allocated for bombs", grown>>20)
	}
}

func TestDamagedDeflate(t *testing.T) {
	s := serve(t, ws.Options{Compression: true})
	for _, behind := range [][]byte{nil, frame(ping, ""), closeFrame(1000, ""), join(frame(text, "x"), closeFrame(1000, ""))} {
		r := s.dial(join(frame(0xc2, "\xff\xff\xff\xff"), behind), "Sec-WebSocket-Extensions: permessage-deflate")
		r.expectClose(1007)
	}
}

func TestCompressedFragments(t *testing.T) {
	s := serve(t, ws.Options{Compression: true})
	message := strings.Repeat("fragment ", 10)
	packed := deflate(t, []byte(message))
	r := s.dial(join(frame(0x41, packed[:3]), frame(0x00, packed[3:5]), frame(ping, ""), frame(0x80, packed[5:])), "Sec-WebSocket-Extensions: permessage-deflate")
	r.expect(pong, "")
	r.expect(text, message) // under the threshold: not compressed
	r.send(frame(0xc1, deflate(t, []byte("caf\xe9"))))
	r.expectClose(1007)
}

// TestSlowConsumer fails when a consumer that never reads slows the others, or makes the heap grow.
func TestSlowConsumer(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Ping: -1}})
	slow := s.dial(nil)
	_ = slow.Conn.(*net.TCPConn).SetReadBuffer(4096)
	const readers = 3
	messages := 2048
	if testing.Short() {
		messages = 256
	}
	data := bytes.Repeat([]byte("x"), 128<<10) // 256 MiB in all
	var group sync.WaitGroup
	acks := make(chan struct{}, readers*messages)
	for range readers {
		r := s.dial(nil)
		_ = r.SetDeadline(time.Now().Add(5 * patience)) // the race detector is slow
		group.Go(func() {
			lost := false
			for range messages {
				acks <- struct{}{}
				if lost {
					continue
				}
				if _, p, err := r.next(); err != nil || len(p) != len(data) {
					t.Errorf("a reader lost something: %d bytes, %v", len(p), err)
					lost = true
				}
			}
		})
	}
	var conns []*ws.Conn
	for range readers + 1 {
		conns = append(conns, <-s.echo.conns)
	}
	runtime.GC()
	var peak uint64
	worst := time.Duration(0)
	for i := range messages {
		for range readers {
			<-acks // so that no reader is far behind
		}
		begin := time.Now()
		if _, err := ws.Broadcast(conns, ws.Binary, data); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(begin))
		if i%64 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
		}
	}
	group.Wait()
	if end := s.end(); end.Code != ws.StatusTryAgain || end.Err != ws.ErrSlow {
		t.Errorf("ended with %+v", end)
	}
	if peak > 128<<20 {
		t.Errorf("the heap grew to %d MiB", peak>>20)
	}
	t.Logf("the longest broadcast took %v, heap %d MiB", worst, peak>>20)
}

// TestCloseWhileReading fails when the reader ends a connection before the close frame of another goroutine is written.
func TestCloseWhileReading(t *testing.T) {
	s := serve(t, ws.Options{})
	for range 300 {
		r := s.dial(nil)
		c := <-s.echo.conns
		closed := make(chan struct{})
		go func() { c.Close(1001, ""); close(closed) }()
		_, _ = r.Write(join(frame(text, "a"), frame(text, "b"), frame(0x89, "")))
		for first := byte(0); first != closing; {
			var payload string
			var err error
			if first, payload, err = r.next(); err != nil || first == closing && payload != "\x03\xe9" {
				t.Fatalf("want a close frame with 1001, got %#x %q %v", first, payload, err)
			}
		}
		_ = r.Close()
		<-closed
	}
}

// TestSlowConsumerIsTold fails when a slow consumer that wakes up doesn't get what was queued, and the close frame.
func TestSlowConsumerIsTold(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Closing: patience}})
	r := s.dial(nil)
	c := <-s.echo.conns
	data := bytes.Repeat([]byte("x"), 64<<10)
	sent := 0
	for c.Write(ws.Binary, data) == nil {
		sent++
	}
	for range sent {
		r.expect(binaryFrame, string(data))
	}
	r.answerClose(1013)
	if s.full == 0 {
		t.Error("no warning")
	}
}

// TestWriterWaitsForAReader fails when a consumer is cut that only begins late, but within the time of a stall.
func TestWriterWaitsForAReader(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Stall: patience}})
	r := s.dial(nil)
	c := <-s.echo.conns
	data := bytes.Repeat([]byte("x"), 256<<10)
	written := make(chan error, 1)
	const messages = 64
	go func() {
		for range messages {
			if err := c.Write(ws.Binary, data); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	within(t, "the queue is full", func() bool { return c.Queued() > ws.DefaultQueue || c.Closing() })
	for range messages {
		r.expect(binaryFrame, string(data))
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// TestWriteDeadline fails when a peer that never takes what is queued keeps its connection, though nobody writes any more.
func TestWriteDeadline(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Queue: 64 << 20, WriteTimeout: 100 * time.Millisecond, Ping: -1}})
	s.dial(nil)
	c := <-s.echo.conns
	if err := c.Write(ws.Binary, make([]byte, 32<<20)); err != nil {
		t.Fatal(err)
	}
	if end := s.end(); end.Code != ws.StatusLost {
		t.Errorf("ended with %+v", end)
	}
}

// TestEchoOfUnreadMessages fails when a client that sends first and reads later is cut or stuck.
func TestEchoOfUnreadMessages(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Stall: patience}})
	r := s.dial(nil)
	message := strings.Repeat("x", 1000)
	for range 2000 {
		r.send(frame(text, message))
	}
	for range 2000 {
		r.expect(text, message)
	}
}

func TestWritesAreFlushedBeforeTheClose(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Queue: 64 << 20, Closing: patience}})
	r := s.dial(nil)
	c := <-s.echo.conns
	data := bytes.Repeat([]byte("x"), 1<<20)
	for range 16 {
		if err := c.Write(ws.Binary, data); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ws.Broadcast([]*ws.Conn{c}, ws.Text, []byte("last")); err != nil {
		t.Fatal(err)
	}
	c.Close(1001, "going")
	if err := c.Write(ws.Text, []byte("x")); err != ws.ErrClosed {
		t.Errorf("writing to a closing connection: %v", err)
	}
	for range 16 {
		r.expect(binaryFrame, string(data))
	}
	r.expect(text, "last")
	r.answerClose(1001)
}

// TestAnswersAreSentBeforeTheClose fails when what is queued gets lost because the peer's close frame is there already.
func TestAnswersAreSentBeforeTheClose(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Message: 16 << 20, Queue: 64 << 20, Closing: patience}})
	r := s.dial(nil)
	c := <-s.echo.conns
	message := strings.Repeat("x", 16<<20)
	r.send(join(frame(text, message), closeFrame(1000, "")))
	within(t, "the close frame is read", c.Closing)
	if c.Queued() == 0 {
		t.Fatal("there is no queue")
	}
	r.expect(text, message)
	r.expectClose(1000)
}

func TestOrderOfWritesAndBroadcasts(t *testing.T) {
	s := serve(t, ws.Options{})
	r := s.dial(nil)
	c := <-s.echo.conns
	for i := range 200 {
		if i%3 == 0 {
			_, _ = ws.Broadcast([]*ws.Conn{c}, ws.Text, []byte{byte('a' + i%26)})
		} else {
			_ = c.Write(ws.Text, bytes.Repeat([]byte{byte('a' + i%26)}, 1+i*100%20000))
		}
	}
	for i := range 200 {
		_, p, err := r.next()
		if err != nil || p[0] != byte('a'+i%26) {
			t.Fatalf("message %d is %.5q, %v", i, p, err)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	s := serve(t, ws.Options{})
	r := s.dial(nil)
	c := <-s.echo.conns
	if err := c.Write(ws.Text, []byte("\xff")); err != ws.ErrEncoding {
		t.Error(err)
	}
	if err := c.Ping(make([]byte, 126)); err == nil {
		t.Error("a ping of 126 bytes")
	}
	_ = c.Ping([]byte("hi"))
	r.expect(ping, "hi")
	if c.Close(1005, "") != true || c.Close(1000, "") {
		t.Error("Close")
	}
	r.expectClose(0)
}

// TestPeerVanishes fails when the goroutine or the count of a connection stays behind.
func TestPeerVanishes(t *testing.T) {
	s := serve(t, ws.Options{})
	for range 20 {
		r := s.dial(frame(text, "x"))
		_ = r.Conn.(*net.TCPConn).SetLinger(0)
		_ = r.Close()
		if end := s.end(); end.Code != ws.StatusLost {
			t.Errorf("ended with %+v", end)
		}
	}
	within(t, "the count goes down", func() bool { return s.listener.Open() == 0 })
}

// peer is a server of github.com/coder/websocket, for Dial.
func peer(t *testing.T, f func(ctx context.Context, c *websocket.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover, CompressionThreshold: 1, Subprotocols: []string{"p"}})
		if err == nil {
			f(r.Context(), c)
		}
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return "ws://" + l.Addr().String()
}

func TestDial(t *testing.T) {
	address := peer(t, func(ctx context.Context, c *websocket.Conn) {
		c.SetReadLimit(1 << 20)
		for {
			kind, data, err := c.Read(ctx)
			if err != nil {
				return
			}
			if err := c.Write(ctx, kind, data); err != nil {
				return
			}
		}
	})
	for _, compression := range []bool{false, true} {
		answers := make(chan string, 1)
		c, response, err := ws.Dial(timeout(t), address, &listenerOf{answers}, ws.DialOptions{
			Compression: compression, Header: http.Header{"Sec-Websocket-Protocol": {"p"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != 101 || c.Subprotocol() != "p" {
			t.Errorf("%s, %q", response.Status, c.Subprotocol())
		}
		ended := make(chan *ws.Close, 1)
		go func() { ended <- c.Serve(); c.Finish() }()
		for _, size := range []int{0, 10, 500, 1000, 100000, 500000} {
			message := strings.Repeat("ab", size/2)
			if err := c.Write(ws.Text, []byte(message)); err != nil {
				t.Fatal(err)
			}
			if got := <-answers; got != message {
				t.Fatalf("%d bytes came back of %d", len(got), size)
			}
		}
		c.Close(4000, "done")
		if end := <-ended; end.Code != 4000 || end.Remote {
			t.Errorf("ended with %+v", end)
		}
	}
}

// listenerOf hands messages on.
type listenerOf struct{ messages chan string }

func (l *listenerOf) Message(_ *ws.Conn, _ ws.Opcode, data []byte) (done bool) {
	l.messages <- string(data)
	return true
}
func (*listenerOf) Wait(*ws.Conn)      {}
func (*listenerOf) Ping(*ws.Conn)      {}
func (*listenerOf) Pong(*ws.Conn)      {}
func (*listenerOf) Full(*ws.Conn, int) {}

// TestDialRefusesABadServer answers the handshake with whatever a case says.
func TestDialRefusesABadServer(t *testing.T) {
	const ok = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
	for name, answer := range map[string]string{
		"not http":       "hello\r\n\r\n",
		"403":            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
		"wrong accept":   ok + "x\r\n\r\n",
		"endless header": ok + strings.Repeat("x", 1<<20),
		"closed":         "",
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				_, _ = c.Read(make([]byte, 4096))
				_, _ = c.Write([]byte(answer))
			}()
			c, _, err := ws.Dial(timeout(t), "ws://"+l.Addr().String(), &listenerOf{}, ws.DialOptions{})
			if err == nil {
				c.Abort()
				t.Fatal("connected")
			}
		})
	}
	for _, address := range []string{"http://x", "ws://", "x", "ws://127.0.0.1:1", "ws://h:99999"} {
		if _, _, err := ws.Dial(timeout(t), address, &listenerOf{}, ws.DialOptions{}); err == nil {
			t.Errorf("%s: no error", address)
		}
	}
}

func TestDialGivesUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx := timeout(t)
	_, _, err = ws.Dial(ctx, "ws://"+l.Addr().String(), &listenerOf{}, ws.DialOptions{Limits: ws.Limits{Handshake: 100 * time.Millisecond}})
	if err == nil || ctx.Err() != nil {
		t.Errorf("got %v", err)
	}
	_, _, err = ws.Dial(timeout(t), "wss://"+l.Addr().String(), &listenerOf{}, ws.DialOptions{Limits: ws.Limits{Handshake: 100 * time.Millisecond}, TLS: &tls.Config{MinVersion: tls.VersionTLS12}})
	if err == nil {
		t.Error("TLS with nobody")
	}
}

// TestClientChecksFrames fails when a client takes what no server may send.
func TestClientChecksFrames(t *testing.T) {
	for name, c := range map[string]struct {
		frames string
		code   int
	}{
		"masked":   {string(frame(text, "x")), 1002},
		"reserved": {"\xa1\x01x", 1002},
		"too big":  {"\x82\x7f\x00\x00\x01\x00\x00\x00\x00\x00", 1009},
		"a byte":   {"\x82\x7e\x03\xe9", 1009}, // over the limit
		"in parts": {"\x02\x7e\x03\xe8" + strings.Repeat("x", 1000) + "\x80\x01x", 1009},
		"not utf8": {"\x81\x01\xff", 1007},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan string, 1)
		go func() {
			server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h, _ := w.(http.Hijacker)
				conn, _, err := h.Hijack()
				if err != nil {
					return
				}
				defer conn.Close()
				// The frames come in the packet of the response.
				_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
					acceptKey(r.Header.Get("Sec-WebSocket-Key")) + "\r\n\r\n" + c.frames))
				b := make([]byte, 100)
				n, _ := conn.Read(b)
				got <- string(b[:n])
			})}
			_ = server.Serve(l)
		}()
		conn, _, err := ws.Dial(timeout(t), "ws://"+l.Addr().String(), &listenerOf{make(chan string, 9)}, ws.DialOptions{Limits: ws.Limits{Message: 1000}})
		if err != nil {
			t.Fatal(name, err)
		}
		end := conn.Serve()
		if end.Code != c.code {
			t.Errorf("%s: ended with %+v, want %d", name, end, c.code)
		}
		f := <-got
		if len(f) < 8 || f[0] != closing || f[1]&0x80 == 0 || int(f[6]^f[2])<<8|int(f[7]^f[3]) != c.code {
			t.Errorf("%s: sent %q", name, f)
		}
		conn.Finish()
		_ = l.Close()
	}
}
