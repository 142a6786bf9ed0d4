package websocket_test

import (
	"bytes"
	"context"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/luahost/luahost/internal/testlog"
)

// echoProgram is scripts/wsecho.lua, run by the built program.
type echoProgram struct {
	cmd    *exec.Cmd
	log    testlog.Log
	url    string
	exited chan error
}

// startEcho starts it from a shell, behind the command before.
func startEcho(t *testing.T, program, before string) *echoProgram {
	t.Helper()
	s := &echoProgram{exited: make(chan error, 1)}
	s.cmd = exec.Command("sh", "-c", before+` exec "$@"`, "sh", program, "run", "--control", t.TempDir()+"/control", "../../scripts/wsecho.lua", "127.0.0.1:0")
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.exited <- s.cmd.Wait() }()
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	listening := regexp.MustCompile(`listening on (ws://\S+)`)
	for end := time.Now().Add(patience); !listening.MatchString(s.log.String()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(s.log.String())
		}
	}
	s.url = listening.FindStringSubmatch(s.log.String())[1]
	return s
}

func TestEchoScript(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM, and no ulimit")
	}
	program := t.TempDir() + "/luahost"
	build := exec.Command("go", "build", "-o", program, "../../cmd/luahost")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("messages", func(t *testing.T) { testMessages(t, startEcho(t, program, "")) })
	t.Run("ground", func(t *testing.T) { testGround(t, startEcho(t, program, "")) })
	t.Run("out of descriptors", func(t *testing.T) { testDescriptors(t, startEcho(t, program, "ulimit -n 48;")) })
}

// testDescriptors opens more connections than the process may have files: those that are open go on, and so does
// accepting when some are closed.
func testDescriptors(t *testing.T, s *echoProgram) {
	ctx := timeout(t)
	dialed := make(chan *client, 40)
	for range cap(dialed) {
		go func() {
			c, _, err := websocket.Dial(ctx, s.url, nil)
			if err != nil {
				t.Error(err)
			}
			dialed <- &client{c, t, ctx}
		}()
	}
	for !strings.Contains(s.log.String(), "too many open files") {
		if ctx.Err() != nil {
			t.Fatalf("no lack of descriptors:\n%s", s.log.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
	for range cap(dialed) { // some are open; each of the others gets in when one has left
		c := <-dialed
		if c.Conn == nil {
			return
		}
		c.send("hello")
		c.expect("hello")
		_ = c.CloseNow()
	}
}

// testMessages sends messages of 16 MiB, with and without compression, and ends the program by SIGTERM.
func testMessages(t *testing.T, s *echoProgram) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*patience) // much to compress
	defer cancel()
	ended := make(chan error, 2)
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover} {
		c, response, err := websocket.Dial(ctx, s.url, &websocket.DialOptions{CompressionMode: mode})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		if got := response.Header.Get("Sec-WebSocket-Extensions") != ""; got != (mode != websocket.CompressionDisabled) {
			t.Errorf("mode %v: extensions %v", mode, response.Header)
		}
		c.SetReadLimit(64 << 20)
		for _, message := range []string{"", "hello", strings.Repeat("long ", 3<<20), strings.Repeat("é", 8<<20)} {
			if err := c.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
				t.Fatal(err)
			}
			if _, got, err := c.Read(ctx); err != nil || !bytes.Equal(got, []byte(message)) {
				t.Fatalf("%d bytes of %d came back: %v", len(got), len(message), err)
			}
		}
		go func() { // pings are answered while somebody reads
			_, _, err := c.Read(ctx)
			ended <- err
		}()
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for range cap(ended) {
		if err := <-ended; websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("ended with %v", err)
		}
	}
	select {
	case err := <-s.exited:
		if err != nil {
			t.Errorf("%v\n%s", err, s.log.String())
		}
	case <-time.After(patience):
		t.Error("the program doesn't end")
	}
}
