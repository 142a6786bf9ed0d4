package socket_test

import (
	"context"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/testlog"
)

// TestPairLeavesNothing runs wsserver.lua and has many WebSocket clients come and go in all ways: then services,
// sockets and goroutines are as they were.
func TestPairLeavesNothing(t *testing.T) {
	var log testlog.Log
	h, err := host.New(append(all.Options(), host.WithOutput(&log))...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 6*patience)
	defer cancel()
	defer func() {
		if err := h.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	if _, err := h.Start(ctx, "../../scripts/wsserver.lua", "127.0.0.1:0"); err != nil {
		t.Fatal(err, log.String())
	}
	_, address, _ := strings.Cut(strings.TrimSpace(log.String()), "listening on ")
	goroutines := runtime.NumGoroutine()

	var clients sync.WaitGroup
	for i := range 4 {
		clients.Go(func() {
			for j := range 250 {
				if err := visit(ctx, address, i+j); err != nil {
					t.Errorf("client %d: %v", 250*i+j, err)
					return
				}
			}
		})
	}
	clients.Wait()

	settled := func() string {
		switch n := runtime.NumGoroutine(); {
		case len(h.Services()) != 1:
			return strconv.Itoa(len(h.Services())) + " services"
		case len(sockets.Of(h).Infos()) != 1:
			return strconv.Itoa(len(sockets.Of(h).Infos())) + " sockets"
		case n > goroutines:
			return strconv.Itoa(n) + " goroutines, not " + strconv.Itoa(goroutines)
		}
		return ""
	}
	for end := time.Now().Add(patience); settled() != ""; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("left: %s\n%s", settled(), log.String())
		}
	}
	if strings.Contains(log.String(), "traceback") {
		t.Error(log.String())
	}
}

// visit connects, echoes and leaves.
func visit(ctx context.Context, address string, way int) error {
	c, _, err := websocket.Dial(ctx, "ws://"+address, nil)
	if err != nil {
		return err
	}
	defer c.CloseNow()
	if err := c.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		return err
	}
	switch way % 5 {
	case 0:
		return nil // without a word, and with an answer that nobody reads
	case 1:
		_, _, err = c.Read(ctx)
		return err
	}
	if _, _, err := c.Read(ctx); err != nil {
		return err
	}
	return c.Close(websocket.StatusNormalClosure, "bye")
}
