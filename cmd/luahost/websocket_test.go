package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/luahost/luahost/internal/testlog"
)

// The tests of this file drive the built program, running scripts/wsserver.lua, with clients that are not ours.

// patience is how long they wait for what must come.
const patience = time.Minute

// program builds luahost, once for all tests.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "luahost")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "luahost")
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, err
})

// wsServer is a process that runs wsserver.lua.
type wsServer struct {
	t       *testing.T
	process *exec.Cmd
	address string
	log     testlog.Log
	stopped bool
}

func startServer(t *testing.T) *wsServer {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("../../scripts/wsserver.lua")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &wsServer{t: t}
	s.process = exec.Command(file, "run", "--watch=false", "--control", filepath.Join(dir, "control"), script, "127.0.0.1:0")
	s.process.Dir = dir
	s.process.Stdout, s.process.Stderr = &s.log, &s.log
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	s.address = s.logged(`listening on (\S+)\n`)
	return s
}

// stop asks the server to end, as a service manager does, and requires that it does so well.
func (s *wsServer) stop() {
	if s.stopped {
		return
	}
	s.stopped = true
	if runtime.GOOS == "windows" {
		_ = s.process.Process.Kill()
	} else {
		_ = s.process.Process.Signal(os.Interrupt)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.process.Wait() }()
	select {
	case err := <-ended:
		if err != nil && runtime.GOOS != "windows" {
			s.t.Errorf("server: %v", err)
		}
	case <-time.After(patience):
		_ = s.process.Process.Kill()
		s.t.Error("the server doesn't end")
	}
	if s.t.Failed() {
		s.t.Logf("log of the server:\n%s", s.log.String())
	}
}

// logged waits until the log matches, and returns the first group of the pattern.
func (s *wsServer) logged(pattern string) string {
	s.t.Helper()
	return s.log.Wait(s.t, pattern)
}

// dial connects a WebSocket client.
func (s *wsServer) dial() *websocket.Conn {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+s.address, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.CloseNow() })
	c.SetReadLimit(-1)
	return c
}

// echo sends a message and requires that it comes back.
func echo(c *websocket.Conn, kind websocket.MessageType, data []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.Write(ctx, kind, data); err != nil {
		return err
	}
	k, got, err := c.Read(ctx)
	if err != nil {
		return err
	}
	if k != kind || !bytes.Equal(got, data) {
		return fmt.Errorf("%d bytes of %v came back as %d of %v", len(data), kind, len(got), k)
	}
	return nil
}

// message makes size bytes, of text that takes all lengths of UTF-8, or of anything.
func message(kind websocket.MessageType, size int) []byte {
	if kind == websocket.MessageText {
		text := strings.Repeat("aä€🙂", size/10+1)[:size]
		return []byte(strings.ToValidUTF8(text, "?"))[:size:size]
	}
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// TestWebSocketHandshake has the sample key of RFC 6455, section 1.3.
func TestWebSocketHandshake(t *testing.T) {
	s := startServer(t)
	c := s.connect()
	response := c.upgrade()
	if got := response.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("Sec-WebSocket-Accept: %q", got)
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Error(response.Status)
	}
}

func TestWebSocketEcho(t *testing.T) {
	c := startServer(t).dial()
	for _, size := range []int{0, 125, 126, 65535, 65536, 1 << 20} {
		for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
			if err := echo(c, kind, message(kind, size)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestWebSocketPing(t *testing.T) {
	c := startServer(t).dial()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ended := c.CloseRead(ctx)
	for range 3 {
		if err := c.Ping(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if ended.Err() != nil {
		t.Error("the connection has ended")
	}
}

func TestWebSocketFragments(t *testing.T) {
	s := startServer(t)
	c := s.connect()
	c.upgrade()
	c.frame(0x01, "He")
	c.frame(0x89, "in between")
	c.frame(0x00, "l")
	c.frame(0x80, "lo")
	c.receive(0x8a, "in between")
	c.receive(0x81, "Hello")
	c.frame(0x02, "")
	c.frame(0x80, "\x00\xff")
	c.receive(0x82, "\x00\xff")
	for i := range 1000 {
		first := byte(0)
		if i == 0 {
			first = 0x01
		}
		c.frame(first, "x")
	}
	c.frame(0x80, "")
	c.receive(0x81, strings.Repeat("x", 1000))
}

// TestWebSocketEarlyFrame: a frame in the packet of the handshake is not lost.
func TestWebSocketEarlyFrame(t *testing.T) {
	s := startServer(t)
	c := s.connect()
	c.send(upgradeRequest + string(maskedFrame(0x81, "early")))
	c.response()
	c.receive(0x81, "early")
}

// TestWebSocketSlowBytes sends everything byte by byte.
func TestWebSocketSlowBytes(t *testing.T) {
	s := startServer(t)
	c := s.connect()
	for _, b := range []byte(upgradeRequest) {
		c.send(string([]byte{b}))
	}
	c.response()
	for _, b := range maskedFrame(0x81, strings.Repeat("slow ", 60)) {
		c.send(string([]byte{b}))
	}
	c.receive(0x81, strings.Repeat("slow ", 60))
}

func TestWebSocketClose(t *testing.T) {
	s := startServer(t)
	for _, code := range []websocket.StatusCode{1000, 1001, 1011, 3000, 4999} {
		c := s.dial()
		if err := c.Close(code, "bye"); err != nil {
			t.Errorf("close with %d: %v", code, err)
		}
		s.logged(fmt.Sprintf(`closed after 0 messages, code %d, bye\n`, code))
	}

	c := s.connect()
	c.upgrade()
	c.frame(0x88, "")
	c.receive(0x88, "")
	c.end()
	s.logged(`code 1005\n`)
}

// TestWebSocketDrop: a client that vanishes ends its agent, and nobody else's.
func TestWebSocketDrop(t *testing.T) {
	s := startServer(t)
	stays := s.dial()
	for _, reset := range []bool{false, true} {
		c := s.connect()
		c.upgrade()
		if reset {
			_ = c.SetLinger(0)
		}
		_ = c.Close()
	}
	s.logged(`code 1006, connection lost\n(?s:.*)code 1006, connection lost\n`)
	if err := echo(stays, websocket.MessageText, []byte("still there")); err != nil {
		t.Error(err)
	}
}

func TestWebSocketManyClients(t *testing.T) {
	s := startServer(t)
	var clients sync.WaitGroup
	for i := range 100 {
		clients.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			c, _, err := websocket.Dial(ctx, "ws://"+s.address, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.CloseNow()
			for j := range 50 {
				if err := echo(c, websocket.MessageText, fmt.Appendf(nil, "%d of %d", j, i)); err != nil {
					t.Error(err)
					return
				}
			}
			_ = c.Close(websocket.StatusNormalClosure, "")
		})
	}
	clients.Wait()
}

// TestWebSocketNothingLeaks connects a thousand clients one after another.
func TestWebSocketNothingLeaks(t *testing.T) {
	s := startServer(t)
	cycle := func() {
		c := s.dial()
		if err := echo(c, websocket.MessageBinary, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Fatal(err)
		}
	}
	cycle()
	before := s.descriptors()
	for range 1000 {
		cycle()
	}
	for end := time.Now().Add(patience); s.descriptors() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d descriptors are open, %d were before", s.descriptors(), before)
		}
	}
}

// descriptors returns how many the server has open; 0 where that can't be seen.
func (s *wsServer) descriptors() int {
	list, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.process.Process.Pid))
	return len(list)
}

// TestWebSocketBadInput: each bad client gets an end, and one line in the log; the others go on.
func TestWebSocketBadInput(t *testing.T) {
	tests := []struct {
		name   string
		send   func(*rawClient)
		answer string // what begins the last thing that the client gets
		log    string
	}{
		{"garbage", func(c *rawClient) { c.send("\x16\x03\x01garbage\r\n\r\n") }, "HTTP/1.1 400", `not a WebSocket request`},
		{"a plain request", func(c *rawClient) { c.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }, "HTTP/1.1 400", `not a WebSocket request`},
		{"half a handshake", func(c *rawClient) { c.send(upgradeRequest[:60]); _ = c.CloseWrite() }, "", `Socket Error`},
		{"nothing", func(c *rawClient) { _ = c.CloseWrite() }, "", `Socket Error`},
		{"a header too large", func(c *rawClient) { c.send("GET / HTTP/1.1\r\nx: " + strings.Repeat("x", 20000)) }, "HTTP/1.1 431", `request over 8192 bytes`},
		{"an unmasked frame", func(c *rawClient) { c.upgrade(); c.send("\x81\x02hi") }, "\x88", `code 1002, frame not masked`},
		{"an oversized frame", func(c *rawClient) { c.upgrade(); c.send("\x82\xff\x00\x00\x01\x00\x00\x00\x00\x00mask") }, "\x88", `code 1009, message too big`},
		{"an absurd length", func(c *rawClient) { c.upgrade(); c.send("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xffmask") }, "\x88", `code 1002, `},
		{"a reserved bit", func(c *rawClient) { c.upgrade(); c.frame(0xc1, "x") }, "\x88", `code 1002, reserved bit set`},
		{"a fragment out of place", func(c *rawClient) { c.upgrade(); c.frame(0x80, "x") }, "\x88", `code 1002, fragment out of place`},
		{"text that is not UTF-8", func(c *rawClient) { c.upgrade(); c.frame(0x81, "\xff") }, "\x88", `code 1007, text is not UTF-8`},
		{"a long ping", func(c *rawClient) { c.upgrade(); c.frame(0x89, strings.Repeat("x", 126)) }, "\x88", `code 1002, `},
		{"half a frame", func(c *rawClient) { c.upgrade(); c.send("\x82\x85mask"); _ = c.CloseWrite() }, "", `code 1006, connection lost`},
	}
	s := startServer(t)
	stays := s.dial()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := s.connect()
			agent := s.logged(regexp.QuoteMeta(c.LocalAddr().String()) + ` connected, agent (:\w+)\n`)
			tt.send(c)
			if got := c.last(); !strings.HasPrefix(got, tt.answer) || tt.answer == "" && got != "" {
				t.Errorf("received %q, want %q", got, tt.answer)
			}
			s.logged(`\[` + agent + `\] websocket \d+: .*` + tt.log)
			time.Sleep(5 * time.Millisecond)
			if n := strings.Count(s.log.String(), "["+agent+"] "); n != 1 {
				t.Errorf("%d lines of %s, want 1", n, agent)
			}
			if err := echo(stays, websocket.MessageText, []byte("still there")); err != nil {
				t.Error(err)
			}
		})
	}
	if n := strings.Count(s.log.String(), "traceback"); n > 0 {
		t.Errorf("%d tracebacks in the log:\n%s", n, s.log.String())
	}
}

// TestWebSocketSignal: clients of a server that ends see the end of their connections.
func TestWebSocketSignal(t *testing.T) {
	s := startServer(t)
	c := s.connect()
	c.upgrade()
	s.stop()
	c.end()
}

// rawClient speaks the protocol by hand.
type rawClient struct {
	*net.TCPConn
	t      *testing.T
	reader *bufio.Reader
}

func (s *wsServer) connect() *rawClient {
	s.t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return &rawClient{c.(*net.TCPConn), s.t, bufio.NewReader(c)}
}

const upgradeRequest = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

func (c *rawClient) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *rawClient) upgrade() *http.Response {
	c.t.Helper()
	c.send(upgradeRequest)
	return c.response()
}

func (c *rawClient) response() *http.Response {
	c.t.Helper()
	r, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// frame sends a masked frame; first is its first byte.
func (c *rawClient) frame(first byte, payload string) {
	c.t.Helper()
	c.send(string(maskedFrame(first, payload)))
}

func maskedFrame(first byte, payload string) []byte {
	mask := []byte{1, 2, 3, 4}
	b := []byte{first}
	if len(payload) < 126 {
		b = append(b, 0x80|byte(len(payload)))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(len(payload)))
	}
	b = append(b, mask...)
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i%4])
	}
	return b
}

// receive requires a frame.
func (c *rawClient) receive(first byte, payload string) {
	c.t.Helper()
	b := make([]byte, 2)
	if _, err := io.ReadFull(c.reader, b); err != nil {
		c.t.Fatal(err)
	}
	size := int(b[1])
	if size == 126 {
		var long [2]byte
		if _, err := io.ReadFull(c.reader, long[:]); err != nil {
			c.t.Fatal(err)
		}
		size = int(binary.BigEndian.Uint16(long[:]))
	}
	got := make([]byte, size)
	if _, err := io.ReadFull(c.reader, got); err != nil {
		c.t.Fatal(err)
	}
	if b[0] != first || string(got) != payload {
		c.t.Fatalf("received %#x %q, want %#x %q", b[0], got, first, payload)
	}
}

// last returns all that comes until the end.
func (c *rawClient) last() string {
	c.t.Helper()
	b, err := io.ReadAll(c.reader)
	if err != nil {
		c.t.Errorf("after %q: %v", b, err)
	}
	return string(b)
}

// end requires that the server has ended the connection.
func (c *rawClient) end() {
	c.t.Helper()
	if _, err := c.reader.ReadByte(); !errors.Is(err, io.EOF) {
		c.t.Errorf("want the end, got %v", err)
	}
}
