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
)

// TestEchoScript runs scripts/wsecho.lua with the built program: messages of 16 MiB, compression, and the end by SIGTERM.
func TestEchoScript(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM")
	}
	program := t.TempDir() + "/luahost"
	build := exec.Command("go", "build", "-o", program, "../../cmd/luahost")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var log lines
	cmd := exec.Command(program, "run", "--control", t.TempDir()+"/control", "../../scripts/wsecho.lua", "127.0.0.1:0")
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	listening := regexp.MustCompile(`listening on (ws://\S+)`)
	for end := time.Now().Add(patience); !listening.MatchString(log.String()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(log.String())
		}
	}
	url := listening.FindStringSubmatch(log.String())[1]
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // much to compress
	defer cancel()
	var open []*websocket.Conn
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover} {
		c, response, err := websocket.Dial(ctx, url, &websocket.DialOptions{CompressionMode: mode})
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
		open = append(open, c)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for _, c := range open {
		if _, _, err := c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("ended with %v", err)
		}
	}
	select {
	case err := <-exited:
		if err != nil {
			t.Errorf("%v\n%s", err, log.String())
		}
	case <-time.After(patience):
		t.Error("the program doesn't end")
	}
}
