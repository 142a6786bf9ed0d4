package socket_test

import (
	"strings"
	"testing"
)

func TestNetstat(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		local function show(s)
			local sent = s.write and s.write + s.wbuffer -- where writing can't be tried, it is done a moment later
			report(s.id, s.type, s.address, s.read, sent, s.accept, s.reading, s.sock, s.peer)
		end
		socket.start(id)
		socket.write(id, "hello")
		socket.read(id)
		for _, s in ipairs(socket.netstat()) do show(s) end
		socket.write(id, string.rep("x", 2^24))
		socket.close(id)
		local s = socket.netstat()[2]
		report(s.type, s.wbuffer > 2^20)
	end`)
	c := r.dial(address)
	send(t, c, "abc")
	local := c.LocalAddr().String()
	r.Expect(`1 "LISTEN" 8 nil nil 1 nil "`+address+`" nil`,
		`2 "TCP" 8 3 5 nil true "`+address+`" "`+local+`"`,
		`"CLOSING" true`)
}

func TestResolve(t *testing.T) {
	r := newRig(t)
	r.Start(`skynet.start(function()
		report(socket.resolve("127.0.0.1")[1])
		report(pcall(socket.resolve, "no-such-host.invalid"))
	end)`)
	r.Expect(`"127.0.0.1"`)
	if got := r.Next(); !strings.HasPrefix(got, `false "`) || !strings.Contains(got, "no-such-host.invalid: ") {
		t.Error(got)
	}
}
