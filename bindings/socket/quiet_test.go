package socket_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// readers counts the goroutines that wait for the bytes of a connection.
func readers() int {
	b := make([]byte, 1<<20)
	return strings.Count(string(b[:runtime.Stack(b, true)]), "sockets.(*Stream).read(")
}

func atRest(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("connections have their goroutine here")
	}
	for end := time.Now().Add(patience); readers() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d readers", readers())
		}
	}
}

const echoing = `function client(id)
	socket.start(id)
	while true do
		local s = socket.read(id)
		if not s then break end
		socket.write(id, s)
	end
	socket.close(id)
	report("end")
end`

// Connections on which nothing comes have no goroutine, and go on when something does.
func TestRest(t *testing.T) {
	r := newRig(t)
	sockets.Of(r.Host).RestAfter(10 * time.Millisecond)
	address := r.serve(echoing)
	var clients []*net.TCPConn
	for range 20 {
		clients = append(clients, r.dial(address))
	}
	for round := range 3 {
		for i, c := range clients {
			text := fmt.Sprint(round, i)
			send(t, c, text)
			receive(t, c, text)
		}
		atRest(t)
	}
	_ = clients[0].CloseWrite()
	receiveEnd(t, clients[0])
	reset(clients[1])
	r.Expect(`"end"`, `"end"`)
	atRest(t)
	send(t, clients[2], "again")
	receive(t, clients[2], "again")
}

// What a service does with a connection at rest.
func TestAtRest(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		then   func(t *testing.T, c *net.TCPConn)
	}{
		"close":    {`socket.close(id)`, func(t *testing.T, c *net.TCPConn) { receiveEnd(t, c) }},
		"shutdown": {`socket.shutdown(id)`, func(t *testing.T, c *net.TCPConn) { receiveEnd(t, c) }},
		"write": {`socket.write(id, "hello") socket.close(id)`, func(t *testing.T, c *net.TCPConn) {
			receive(t, c, "hello")
			receiveEnd(t, c)
		}},
		"pause": {`socket.pause(id) socket.write(id, "paused") skynet.sleep(2) socket.write(id, socket.read(id))`, func(t *testing.T, c *net.TCPConn) {
			receive(t, c, "paused")
			send(t, c, "bytes")
			receive(t, c, "bytes")
		}},
		"another's": {`socket.abandon(id) skynet.fork(function() socket.start(id) socket.write(id, "mine") socket.write(id, socket.read(id)) end)`,
			func(t *testing.T, c *net.TCPConn) {
				receive(t, c, "mine")
				send(t, c, "bytes")
				receive(t, c, "bytes")
			}},
		"exit": {`skynet.exit()`, func(t *testing.T, c *net.TCPConn) { receiveEnd(t, c) }},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			sockets.Of(r.Host).RestAfter(10 * time.Millisecond)
			address := r.serve(`function client(id)
				socket.start(id)
				skynet.dispatch("lua", function() ` + c.script + ` end)
				report(skynet.self())
			end`)
			conn := r.dial(address)
			var self uint32
			if _, err := fmt.Sscan(r.Next(), &self); err != nil {
				t.Fatal(err)
			}
			atRest(t)
			r.Host.Post(host.Handle(self), host.Message{Type: host.TypeLua})
			c.then(t, conn)
		})
	}
}

// A connection that is given away while it is at rest has lost nothing.
func TestTakeAtRest(t *testing.T) {
	taken := make(chan takenConn, 1)
	rested := vm.Function("rested", func(c *vm.Call) error { return c.Return(vm.Bool(readers() == 0)) })
	r := newRig(t, host.WithModule(takeModule(taken)),
		host.WithModule(host.Module{Name: "rested", Open: func(*host.Service) (vm.Value, error) { return rested, nil }}))
	if runtime.GOOS != "linux" {
		t.Skip("connections have their goroutine here")
	}
	sockets.Of(r.Host).RestAfter(10 * time.Millisecond)
	address := r.serve(`function client(id)
		socket.start(id)
		socket.write(id, socket.read(id))
		while not require "rested" () do skynet.sleep(1) end
		report(require "take"(id))
	end`)
	c := r.dial(address)
	send(t, c, "first")
	receive(t, c, "first")
	r.Expect("true")
	got := <-taken
	send(t, c, "second")
	receive(t, got, "second")
	send(t, got, "answer")
	_ = got.Close()
	receive(t, c, "answer")
	receiveEnd(t, c)
}

// Bytes that come while a connection is being put to rest are not lost or doubled.
func TestRestUnderTraffic(t *testing.T) {
	r := newRig(t)
	sockets.Of(r.Host).RestAfter(time.Millisecond)
	address := r.serve(echoing)
	var all sync.WaitGroup
	for range 30 {
		c := r.dial(address)
		all.Go(func() {
			for i := range 150 {
				text := fmt.Sprintf("%d,", i)
				send(t, c, text)
				receive(t, c, text)
				time.Sleep(rand.N(4 * time.Millisecond))
			}
			_ = c.CloseWrite()
			receiveEnd(t, c)
		})
	}
	all.Wait()
}
