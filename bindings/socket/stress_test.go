package socket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/internal/sockets"
)

// TestStress has many clients that send, read and leave in all ways, and scripts that do so, too: in the end nothing
// may be left.
func TestStress(t *testing.T) {
	r := newRig(t)
	address := r.serve(`
	local ends = {
		function(id) socket.close(id) end,
		function(id) socket.shutdown(id) socket.close(id) end,
		function(id) socket.write(id, string.rep("y", 300000)) socket.close(id) end,
		function(id) skynet.fork(socket.close, id) socket.read(id) end,
		function(id) socket.abandon(id) socket.close_fd(id) end,
		function(id) skynet.sleep(1) socket.close(id) end,
		function(id) socket.pause(id) socket.close(id) end,
	}
	function client(id)
		if id % 11 == 0 then socket.close_fd(id) return end
		if not socket.start(id) then return end
		if id % 13 == 0 then error("client's fault") end
		socket.warning(id, function() end)
		for i = 1, id % 5 do
			local line = socket.readline(id)
			if not line then break end
			socket.write(id, line .. "\n")
		end
		ends[id % #ends + 1](id)
	end`)
	var clients sync.WaitGroup
	slots := make(chan struct{}, 50)
	for i := range 600 {
		slots <- struct{}{}
		clients.Go(func() {
			defer func() { <-slots }()
			stressClient(address, rand.New(rand.NewPCG(uint64(i), 1)))
		})
	}
	clients.Wait()
	r.left(func(s sockets.Info) bool { return s.ID%13 == 0 }) // after a fault, for the service to close
}

// left waits until the listener is the only socket, but for those that may stay.
func (r *rig) left(stays func(sockets.Info) bool) {
	r.T.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		left := slices.DeleteFunc(sockets.Of(r.Host).Infos(), stays)
		if len(left) == 1 {
			return
		}
		if time.Now().After(end) {
			r.T.Fatalf("left: %+v", left)
		}
	}
}

func stressClient(address string, random *rand.Rand) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	for range random.IntN(5) {
		if _, err := io.WriteString(c, strings.Repeat("x", random.IntN(5000))+"\n"); err != nil {
			return
		}
	}
	switch random.IntN(4) {
	case 0:
		reset(c.(*net.TCPConn))
	case 1:
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, c)
	case 2:
		_, _ = io.CopyN(io.Discard, c, 100)
	}
}

// TestManyServices: sockets whose services end in the middle of everything.
func TestManyServices(t *testing.T) {
	r := newRig(t)
	agent := r.Script(`local id = tonumber((...))
	skynet.start(function()
		if not socket.start(id) then skynet.exit() end
		skynet.fork(function()
			while true do
				local s = socket.read(id)
				if not s then break end
				socket.write(id, s)
				if s:find("exit", 1, true) then skynet.exit() end
			end
			skynet.exit()
		end)
	end)`)
	address := r.serve(`function client(id) report(id) end`)
	before := len(r.Host.Services())
	for range 200 {
		c := r.dial(address)
		id := r.Next()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		if _, err := r.Host.Start(ctx, agent, id); err != nil {
			t.Fatal(err)
		}
		cancel()
		send(t, c, "hello")
		receive(t, c, "hello")
		switch len(id) % 3 {
		case 0:
			send(t, c, "exit")
			receive(t, c, "exit")
			receiveEnd(t, c)
		case 1:
			_ = c.Close()
		default:
			reset(c)
		}
	}
	for end := time.Now().Add(patience); len(r.Host.Services()) > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d services, %d before", len(r.Host.Services()), before)
		}
	}
	r.left(func(sockets.Info) bool { return false })
}

// TestEcho: large amounts in both directions at once.
func TestEcho(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		while true do
			local s = socket.read(id)
			if not s then break end
			socket.write(id, s)
		end
		socket.close(id)
	end`)
	var clients sync.WaitGroup
	for i := range 8 {
		c := r.dial(address)
		clients.Go(func() {
			if err := echo(c, uint64(i), 4<<20); err != nil {
				t.Error(err)
			}
		})
	}
	clients.Wait()
}

// echo sends random bytes and compares what comes back.
func echo(c *net.TCPConn, seed uint64, size int) error {
	go func() {
		_, _ = io.CopyN(c, randomBytes(seed), int64(size))
		_ = c.CloseWrite()
	}()
	want, got := make([]byte, 10007), make([]byte, 10007)
	expected := randomBytes(seed)
	for n := 0; n < size; {
		k, err := c.Read(got)
		_, _ = io.ReadFull(expected, want[:k])
		if string(got[:k]) != string(want[:k]) {
			return fmt.Errorf("bytes from %d on differ", n)
		}
		if n += k; err != nil {
			return fmt.Errorf("after %d of %d bytes: %w", n, size, err)
		}
	}
	if _, err := c.Read(got); !errors.Is(err, io.EOF) {
		return fmt.Errorf("want the end, got %v", err)
	}
	return nil
}

func randomBytes(seed uint64) io.Reader {
	return rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 1})
}
