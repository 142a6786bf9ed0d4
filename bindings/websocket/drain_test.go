package websocket_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestShutdownUnderLoad closes the host while clients talk: each gets the answers to all that was begun, and then 1001.
func TestShutdownUnderLoad(t *testing.T) {
	r := newRig(t)
	address := r.listen(`
options.close_timeout = 6000 -- for a slow machine
function handle.message(id, message, op)
	if message == "slow" then report "begun" skynet.sleep(30) end
	websocket.write(id, message, op)
	if message == "slow" then websocket.write(id, ("x"):rep(4 * 1024 * 1024)) end
end
function handle.close(id, code) report("close", code) end`)
	slow := r.dial(address, nil)
	slow.send("slow")
	r.Expect(`"begun"`)
	var group sync.WaitGroup
	for i := range 8 {
		c := r.dial(address, nil)
		group.Go(func() {
			for n := 0; ; n++ {
				message := fmt.Sprint(i, " ", n)
				if err := c.Write(c.ctx, websocket.MessageText, []byte(message)); err != nil {
					return // closed meanwhile; the answers are all there
				}
				_, data, err := c.Read(c.ctx)
				if err != nil {
					if websocket.CloseStatus(err) != websocket.StatusGoingAway {
						t.Errorf("client %d: %v", i, err)
					}
					return
				}
				if string(data) != message {
					t.Errorf("client %d: got %q, want %q", i, data, message)
				}
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	closed := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		closed <- r.Host.Close(ctx)
	}()
	slow.expect("slow", strings.Repeat("x", 4<<20))
	slow.expectClose(1001)
	group.Wait()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	r.Closed = true
	for range 9 {
		r.Expect(`"close" 1001`)
	}
	if _, _, err := websocket.Dial(timeout(t), "ws://"+address, nil); err == nil {
		t.Error("still listening")
	}
}

// TestShutdownGivesUp fails when a handler that never ends keeps the host from closing.
func TestShutdownGivesUp(t *testing.T) {
	r := newRig(t)
	address := r.listen(`function handle.message(id) report "begun" skynet.sleep(1000000) end`)
	c := r.dial(address, nil)
	c.send("x")
	r.Expect(`"begun"`)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_ = r.Host.Close(ctx)
	r.Closed = true
}
