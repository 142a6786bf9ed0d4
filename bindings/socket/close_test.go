package socket_test

import (
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// TestCloseWhileReading: close wakes the coroutine that reads, and waits for it.
func TestCloseWhileReading(t *testing.T) {
	for read, want := range map[string]string{
		`socket.read(id)`:     `"read" false ""`,
		`socket.read(id, 9)`:  `"read" false "part"`,
		`socket.readline(id)`: `"read" false "part"`,
		`socket.readall(id)`:  `"read" "part"`,
		`socket.block(id)`:    `"read" false`,
	} {
		t.Run(read, func(t *testing.T) {
			r := newRig(t)
			part := ""
			if strings.Contains(want, "part") {
				part = "part"
			}
			address := r.serve(`function client(id)
				socket.start(id)
				skynet.fork(function()
					report("read", ` + read + `)
				end)
				arrived(id, ` + strconv.Itoa(len(part)) + `)
				skynet.fork(function() socket.close(id) report("second close") end)
				socket.close(id)
				report("closed", socket.invalid(id))
			end`)
			c := r.dial(address)
			send(t, c, part)
			r.Expect(`"second close"`, want, `"closed" true`)
			receiveEnd(t, c)
		})
	}
}

func TestShutdown(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		local told
		socket.onclose(id, function(n) report("onclose", n) told = true end)
		skynet.fork(function() report("read", socket.read(id)) end)
		skynet.sleep(1)
		socket.shutdown(id)
		socket.shutdown(id)
		report(socket.write(id, "x"), socket.invalid(id))
		repeat skynet.sleep(1) until told
		report(socket.disconnected(id))
		report(socket.read(id))
		socket.close(id)
		report(socket.invalid(id))
		socket.shutdown(id)
	end`)
	c := r.dial(address)
	r.Expect("false false", `"onclose" 2`, `"read" false ""`, "true", `false ""`, "true")
	receiveEnd(t, c)
	r.Quiet()
}

func TestCloseFD(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		if id == 2 then
			socket.start(id)
			report(pcall(socket.close_fd, id))
			socket.close(id)
		end
		socket.close_fd(id)
		socket.close_fd(id)
		socket.close_fd(99)
		report("done")
	end`)
	c := r.dial(address)
	r.Expect(`false "Use socket.close instead"`, `"done"`)
	receiveEnd(t, c)
	c = r.dial(address)
	r.Expect(`"done"`)
	receiveEnd(t, c)
}

func TestAbandonWakesReader(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		skynet.fork(function() report("read", socket.read(id, 9)) end)
		arrived(id, 4)
		socket.abandon(id)
		report(socket.invalid(id))
		report(socket.start(id))
		report(socket.read(id))
		socket.close(id)
	end`)
	c := r.dial(address)
	send(t, c, "part")
	r.Expect("true", "2", `"read" false "part"`)
	send(t, c, "new")
	r.Expect(`"new"`)
}

func TestOnClose(t *testing.T) {
	tests := map[string]struct {
		script string
		end    func(*net.TCPConn)
	}{
		"by the peer":  {`report(socket.read(id, 9))`, func(c *net.TCPConn) { _ = c.CloseWrite() }},
		"by a reset":   {`report(socket.read(id, 9))`, reset},
		"by close":     {`report(false, "") socket.close(id)`, nil},
		"not replaced": {`socket.onclose(id, nil) socket.onclose(id, told) report(socket.read(id, 9))`, func(c *net.TCPConn) { _ = c.CloseWrite() }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			address := r.serve(`local done
			local function told(n) skynet.sleep(1) report("onclose", n) done = true end
			function client(id)
				socket.start(id)
				socket.onclose(id, told)
				socket.write(id, "go")
				` + tt.script + `
				while not done do skynet.sleep(1) end
				socket.close(id)
				report("end")
			end`)
			c := r.dial(address)
			receive(t, c, "go")
			if tt.end != nil {
				tt.end(c)
			}
			r.Expect(`false ""`, `"onclose" 2`, `"end"`)
			r.Quiet()
		})
	}
}

// TestReset: an error is logged, and the reader gets what there is.
func TestReset(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		report(socket.read(id))
		report(socket.read(id, 9))
		report(socket.write(id, "x"), socket.disconnected(id))
		socket.close(id)
	end`)
	c := r.dial(address)
	send(t, c, "ab")
	r.Expect(`"ab"`)
	reset(c)
	r.Expect(`false ""`, "false true")
	r.Logged("[:00000008] socket: error on 2 Connection reset by peer\n")
}

// TestCloseFlushes: what was written before close arrives, however slowly the client reads, and close doesn't wait.
func TestCloseFlushes(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		report(socket.write(id, string.rep("x", 2^24)))
		socket.close(id)
		report(socket.write(id, "too late"))
	end`)
	c := r.dial(address)
	r.Expect("true", "false")
	r.pause()
	if n, err := io.Copy(io.Discard, c); n != 1<<24 || err != nil {
		t.Fatalf("received %d bytes (%v)", n, err)
	}
}

// TestCloseLetsTheAnswerThrough: a client that still sends when it is refused gets the answer, not a reset.
func TestCloseLetsTheAnswerThrough(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		socket.read(id)
		socket.pause(id)
		skynet.sleep(5)
		socket.write(id, "too large")
		socket.close(id)
	end`)
	c := r.dial(address)
	for range 100 {
		send(t, c, strings.Repeat("x", 10000))
	}
	_ = c.CloseWrite()
	receive(t, c, "too large")
	receiveEnd(t, c)
}

// TestHostCloseFlushes: closing the host waits for what was written.
func TestHostCloseFlushes(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		socket.write(id, string.rep("x", 2^23))
		report("written")
	end`)
	c := r.dial(address)
	r.Expect(`"written"`)
	got := make(chan int64)
	go func() {
		time.Sleep(20 * time.Millisecond)
		n, _ := io.Copy(io.Discard, c)
		got <- n
	}()
	r.Close()
	if n := <-got; n != 1<<23 {
		t.Errorf("received %d bytes", n)
	}
}

// TestReaderDies: a socket whose reader has died of an error is closed when its peer has ended, before or after.
func TestReaderDies(t *testing.T) {
	tests := map[string]struct {
		script string
		end    func(*net.TCPConn)
	}{
		"of the end":     {`assert(socket.read(id))`, func(c *net.TCPConn) { _ = c.CloseWrite() }},
		"of a reset":     {`assert(socket.read(id))`, reset},
		"before the end": {`socket.read(id) error("oops")`, func(c *net.TCPConn) { _, _ = c.Write([]byte("x")); _ = c.CloseWrite() }},
		"killed":         {`killed = coroutine.running() socket.read(id)`, func(c *net.TCPConn) { _ = c.CloseWrite() }},
		"and bytes come": {`socket.read(id) error("oops")`, func(c *net.TCPConn) { go func() { _, _ = c.Write(make([]byte, 1<<20)) }() }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			address := r.serve(`local killed
			function client(id)
				socket.start(id)
				skynet.fork(function()
					skynet.sleep(2)
					if killed then skynet.killthread(killed) end
					report("started")
					while not socket.invalid(id) or #socket.netstat() > 1 do skynet.sleep(1) end
					report("closed")
				end)
				` + tt.script + `
			end`)
			c := r.dial(address)
			r.Expect(`"started"`)
			tt.end(c)
			r.Expect(`"closed"`)
		})
	}
}

// TestReaderIsReplaced: a socket is not closed when its reader has died, as long as another task reads it.
func TestReaderIsReplaced(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		local died
		skynet.fork(function()
			while not died do skynet.sleep(1) end
			report("next")
			report(socket.readline(id))
			report(socket.read(id, 9))
			report(socket.write(id, "rest"), socket.invalid(id))
			socket.close(id)
		end)
		report(socket.readline(id))
		died = true
		error("oops")
	end`)
	c := r.dial(address)
	send(t, c, "one\n")
	r.Expect(`"one"`, `"next"`)
	r.pause()
	send(t, c, "two\nthree")
	_ = c.CloseWrite()
	r.Expect(`"two"`, `false "three"`, "true false")
	receive(t, c, "rest")
}

// A connection that is closed in the turn which its own bytes began ends for the peer at once, however long the turn lasts.
func TestCloseBeforeTheTurnEnds(t *testing.T) {
	for _, how := range []string{"close", "shutdown"} {
		t.Run(how, func(t *testing.T) {
			ended := make(chan struct{})
			hold := vm.Function("hold", func(*vm.Call) error {
				<-ended
				return nil
			})
			r := newRig(t, host.WithModule(host.Module{Name: "hold", Open: func(*host.Service) (vm.Value, error) { return hold, nil }}))
			address := r.serve(`local hold = require "hold"
			function client(id)
				socket.start(id)
				local s = socket.read(id)
				socket.` + how + `(id)
				hold()
				report(s)
			end`)
			c := r.dial(address)
			send(t, c, "bytes")
			receiveEnd(t, c)
			close(ended)
			r.Expect(`"bytes"`)
		})
	}
}

// The end of a connection that came in the same moment as its last bytes is noticed, also by a connection never put to rest.
func TestEndWithBytes(t *testing.T) {
	r := newRig(t)
	sockets.Of(r.Host).RestAfter(time.Hour)
	address := r.serve(`function client(id)
		skynet.sleep(2)
		socket.start(id)
		while true do
			local s = socket.read(id)
			report(s)
			if not s then break end
		end
	end`)
	for range 5 {
		c := r.dial(address)
		sendAndEnd(c, "bytes")
		r.Expect(`"bytes"`, "false")
	}
}
