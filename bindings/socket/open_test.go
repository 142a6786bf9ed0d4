package socket_test

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/host"
)

func TestListen(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	r := newRig(t)
	r.Start(`local taken = ...
		report(pcall(socket.listen, "127.0.0.1", taken))
		report(pcall(socket.listen, taken))
		report(pcall(socket.listen, "127.0.0.1", 70000))
		report(pcall(socket.listen, "192.0.2.1", 0))
		local id, address, port = socket.listen("127.0.0.1:0")
		report(id, address, port > 0)
		report(socket.disconnected(id), socket.invalid(id))
		report(pcall(socket.start, id))
		report(socket.start(id, function() end))
		report(pcall(socket.start, id, function() end))
		socket.close(id)
		report(socket.start(id, function() end))
		report(pcall(socket.listen, "127.0.0.1", port))`,
		strconv.Itoa(busy.Addr().(*net.TCPAddr).Port))
	address := busy.Addr().String()
	for _, want := range []string{
		`"Listen error: ` + address + `: Address already in use"`,
		`"Invalid address ` + strings.TrimPrefix(address, "127.0.0.1:") + `."`,
		`"Listen error: 127.0.0.1:70000: Invalid port"`,
		`"Listen error: 192.0.2.1:0: Cannot assign requested address"`,
	} {
		if got := r.Next(); got != "false "+want {
			t.Errorf("reported %s, want %s", got, want)
		}
	}
	r.Expect(`1 "127.0.0.1" true`, "true false")
	if got := r.Next(); !strings.Contains(got, "(function expected, got no value)") {
		t.Error(got)
	}
	r.Expect("1", `false "socket is not closed"`, `nil "invalid socket"`)
	if got := r.Next(); !strings.HasPrefix(got, "true 2 ") {
		t.Errorf("listening again: %s", got)
	}
}

// TestAccept: every client has a task of its own, and its bytes stay in the kernel until start.
func TestAccept(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id, address)
		report("client", id, address)
		skynet.sleep(3)
		report(socket.invalid(id))
		report(pcall(socket.read, id))
		report(socket.start(id))
		report(pcall(socket.start, id))
		report(socket.read(id, 5))
		socket.close(id)
		error("one client's failure")
	end`)
	for id := 2; id < 4; id++ {
		c := r.dial(address)
		send(t, c, "early")
		r.Expect(`"client" `+strconv.Itoa(id)+` "`+c.LocalAddr().String()+`"`,
			"true", `false "assertion failed!"`, strconv.Itoa(id), `false "socket is not closed"`, `"early"`)
		receiveEnd(t, c)
	}
	r.Logged("one client's failure")
}

func TestOpen(t *testing.T) {
	peer, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	r := newRig(t)
	r.Launch(`local port, dead = ..., 1 -- a port where nobody listens
		report(pcall(socket.open, "127.0.0.1", port))
		skynet.start(function()
			report(socket.open("127.0.0.1", dead))
			report(socket.open("127.0.0.1:" .. dead))
			report(pcall(socket.open, "nonsense"))
			report(pcall(socket.open, "[::1:80"))
			report(pcall(socket.open, "host:port"))
			report(socket.open("no-such-host.invalid", 80))
			local id = socket.open("127.0.0.1:" .. port)
			report(id, socket.disconnected(id))
			socket.write(id, "hi")
			report(socket.readall(id))
			socket.close(id)
			report(socket.open("[127.0.0.1]:" .. port))
		end)`, strconv.Itoa(peer.Addr().(*net.TCPAddr).Port))
	if got := r.Next(); !strings.Contains(got, "attempt to yield") {
		t.Error(got)
	}
	go func() {
		c, err := peer.Accept()
		if err == nil {
			b := make([]byte, 2)
			_, _ = c.Read(b)
			_, _ = c.Write(append(b, " there"...))
			_ = c.Close()
		}
	}()
	r.Expect(
		`nil "Connection refused"`, `nil "Connection refused"`,
		`false "Invalid address nonsense."`, `false "Invalid address [::1:80."`, `false "Invalid address host:port."`)
	if got := r.Next(); !strings.HasPrefix(got, "nil ") {
		t.Error(got)
	}
	r.Expect("4 false", `"hi there"`, "5")
}

// TestOpenWhileExiting: a connection that comes about when nobody waits for it any more is closed.
func TestOpenWhileExiting(t *testing.T) {
	peer, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	r := newRig(t)
	r.Start(`local port = ...
		skynet.start(function()
			skynet.fork(function() socket.open("127.0.0.1", port) end)
			skynet.fork(skynet.exit)
		end)`, strconv.Itoa(peer.Addr().(*net.TCPAddr).Port))
	r.Close()
}

// TestOwner: start moves a socket to another service.
func TestOwner(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		report("first", socket.readline(id))
		socket.abandon(id)
		report(id)
	end`)
	c := r.dial(address)
	send(t, c, "one\n")
	r.Expect(`"first" "one"`, "2")
	send(t, c, "two\n")
	taker := r.Start(`local id = tonumber(...)
		skynet.start(function()
			report(socket.start(id))
			report("second", socket.readline(id))
			socket.write(id, "ok")
		end)`, "2")
	r.Expect("2", `"second" "two"`)
	receive(t, c, "ok")
	r.Host.Service(taker).Kill()
	receiveEnd(t, c)
	r.Start(`local id = tonumber(...)
		report(socket.start(id)) report(socket.start(99)) report(socket.write(id, "x")) report(socket.write(99, "x"))`, "2")
	r.Expect(`nil "invalid socket"`, `nil "invalid socket"`, "false", "false")
}

// TestTakenBeforeAbandoned: a service may abandon a socket that another one has taken over already.
func TestTakenBeforeAbandoned(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		report(skynet.newservice("taker", id))
		socket.abandon(id)
		report "abandoned"
	end`)
	if err := os.WriteFile(filepath.Join(r.Dir, "taker.lua"), []byte(prelude+`
		local id = tonumber(...)
		skynet.start(function()
			skynet.fork(function()
				socket.start(id)
				socket.write(id, "mine")
				report(socket.readline(id))
			end)
		end)`), 0o600); err != nil {
		t.Fatal(err)
	}
	c := r.dial(address)
	r.Next()
	r.Expect(`"abandoned"`)
	receive(t, c, "mine")
	send(t, c, "hello\n")
	r.Expect(`"hello"`)
}

// TestStartAfterEnd: another service can't take over a connection that has ended.
func TestStartAfterEnd(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		report(socket.read(id))
		socket.abandon(id)
		report(socket.start(id))
	end`)
	c := r.dial(address)
	_ = c.CloseWrite()
	r.Expect(`false ""`, `nil "socket closed"`)
}

func TestExitClosesSockets(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		if id == 3 then
			report("two clients")
			skynet.sleep(2)
			skynet.exit()
		end
		socket.start(id)
		socket.write(id, "bye")
	end`)
	started, waiting := r.dial(address), r.dial(address)
	r.Expect(`"two clients"`)
	receive(t, started, "bye")
	receiveEnd(t, started)
	receiveEnd(t, waiting)
	for end := time.Now().Add(patience); ; {
		c, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		c.Close()
		if time.Now().After(end) {
			t.Fatal("the listener is still there")
		}
	}
}

func TestStdin(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r := newRig(t, host.WithStdin(in))
	r.Launch(`skynet.start(function()
		local id = socket.stdin()
		report(socket.readline(id))
		report(socket.readline(id))
		skynet.fork(function() report(socket.read(id)) end)
		skynet.sleep(2)
		socket.close(id)
		id = socket.stdin()
		report("again")
		report(socket.readline(id))
		report(socket.readline(id))
	end)`)
	_, _ = out.WriteString("one\ntwo\n")
	r.Expect(`"one"`, `"two"`, `false ""`, `"again"`)
	_, _ = out.WriteString("three\nfour")
	_ = out.Close()
	r.Expect(`"three"`, `false "four"`)
}
