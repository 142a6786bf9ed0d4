package socket_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/luahost/luahost/bindings/socket"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// takeModule is "take", a function that gives the connection of a socket to the test.
func takeModule(taken chan<- takenConn) host.Module {
	f := vm.Function("take", func(c *vm.Call) error {
		conn, early, err := socket.Take(host.ServiceOf(c), c.CheckInt(1))
		if err != nil {
			return c.Return(vm.String(err.Error()))
		}
		taken <- takenConn{conn, early}
		return c.Return(vm.Bool(true))
	})
	return host.Module{Name: "take", Open: func(*host.Service) (vm.Value, error) { return f, nil }}
}

type takenConn struct {
	net.Conn
	early []byte
}

// TestTake: a connection that is given away has lost nothing, whenever that happens.
func TestTake(t *testing.T) {
	scripts := map[string]string{
		"not started":        ``,
		"started":            `socket.start(id)`,
		"with unread bytes":  `socket.start(id) socket.read(id, 1000) skynet.sleep(1)`,
		"paused":             `socket.start(id) socket.pause(id) skynet.sleep(1)`,
		"in the middle":      `socket.start(id) socket.read(id, 300000)`,
		"in another's place": `socket.start(id) socket.abandon(id)`,
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			taken := make(chan takenConn, 1)
			r := newRig(t, host.WithModule(takeModule(taken)))
			address := r.serve(`local take = require "take"
			local n = 0
			function client(id)
				local read = socket.read
				function socket.read(...) local s = read(...) n = n + #s return s end
				` + script + `
				report(take(id), socket.invalid(id), socket.write(id, "x"), n)
			end`)
			c := r.dial(address)
			var text strings.Builder
			for i := range 1 << 17 {
				fmt.Fprintf(&text, "%07d ", i)
			}
			go sendAndEnd(c, text.String())
			var read int
			if _, err := fmt.Sscanf(r.Next(), "true true false %d", &read); err != nil {
				t.Fatal(err)
			}
			got := <-taken
			rest, err := io.ReadAll(got)
			if err != nil {
				t.Fatal(err)
			}
			if all := string(got.early) + string(rest); all != text.String()[read:] {
				t.Errorf("%d + %d + %d bytes, want %d, the same ones", read, len(got.early), len(rest), text.Len())
			}
			send(t, got, "answer")
			_ = got.Close()
			receive(t, c, "answer")
			receiveEnd(t, c)
		})
	}
}

func TestTakeRefused(t *testing.T) {
	taken := make(chan takenConn, 1)
	r := newRig(t, host.WithModule(takeModule(taken)))
	address := r.serve(`local take = require "take"
	function client(id)
		report(take(1))
		report(take(99))
		socket.start(id)
		local first
		skynet.fork(function() first = socket.read(id) report(first) end)
		skynet.sleep(1)
		report(take(id))
		socket.write(id, string.rep("x", 2^24))
		repeat skynet.sleep(1) until first
		socket.read(id)
		report(take(id))
		socket.close(id)
		report(take(id))
	end`)
	c := r.dial(address)
	r.Expect(`"invalid socket"`, `"invalid socket"`, `"a coroutine reads the socket"`)
	send(t, c, "one")
	r.Expect(`"one"`)
	send(t, c, "two")
	r.Expect(`"socket has unsent data"`, `"invalid socket"`)
}
