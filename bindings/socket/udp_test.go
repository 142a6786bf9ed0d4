package socket_test

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestUDP(t *testing.T) {
	r := newRig(t)
	r.Start(`
		local server
		local answers = 0
		server = socket.udp(function(data, from)
			local ip, port = socket.udp_address(from)
			report("server", data, ip, #from)
			report(socket.sendto(server, from, data .. "!"), socket.sendto(server, "bad", "x"))
		end, "127.0.0.1", 0)
		local port
		for _, s in ipairs(socket.netstat()) do
			if s.id == server then
				port = tonumber(s.sock:match(":(%d+)$"))
				report(s.type, s.read, s.write)
			end
		end
		report(port)
		local id = socket.udp(function(data, from) report("client", data, (socket.udp_address(from))) answers = answers + 1 end)
		report(socket.write(id, "nobody"))
		socket.udp_connect(id, "127.0.0.1", port)
		report(socket.write(id, "hello"))
		local dialled = socket.udp_dial("127.0.0.1", port, function(data) report("dialled", data) answers = answers + 1 end)
		skynet.start(function()
			repeat skynet.sleep(1) until answers == 1
			report(socket.write(dialled, "again"))
			repeat skynet.sleep(1) until answers == 2
			socket.close(id)
			socket.close(id)
			socket.close(dialled)
			report(socket.write(id, "x"), socket.invalid(id))
			report(pcall(socket.udp_connect, id, "127.0.0.1", port))
			report(pcall(socket.udp_address, "bad"))
		end)`)
	r.Expect(`"UDP" 0 0`)
	port := r.Next()
	r.Expect("false", "true", `"server" "hello" "127.0.0.1" 7`, "true false", `"client" "hello!" "127.0.0.1"`,
		"true", `"server" "again" "127.0.0.1" 7`, "true false", `"dialled" "again!"`,
		"false true", `false "assertion failed!"`, `false "Invalid udp address"`)

	c, err := net.Dial("udp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	big := strings.Repeat("x", 60000)
	send(t, c, big)
	b := make([]byte, 65536)
	if n, err := c.Read(b); err != nil || string(b[:n]) != big+"!" {
		t.Errorf("received %d bytes (%v)", n, err)
	}
}

func TestUDPListen(t *testing.T) {
	r := newRig(t)
	r.Start(`
		local id = socket.udp_listen("127.0.0.1", 0, function(data) report(data) end)
		report(socket.netstat()[1].sock)
		local deaf = socket.udp_listen("127.0.0.1", 0)
		report(socket.netstat()[2].sock)
		report(pcall(socket.udp_listen, "192.0.2.1", 1, print))`)
	listener, err := strconv.Unquote(r.Next())
	if err != nil {
		t.Fatal(err)
	}
	deaf, err := strconv.Unquote(r.Next())
	if err != nil {
		t.Fatal(err)
	}
	r.Expect(`false "udp init failed: 192.0.2.1:1: Cannot assign requested address"`)
	for _, address := range []string{listener, deaf} {
		c, err := net.Dial("udp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		send(t, c, "packet")
	}
	r.Expect(`"packet"`)
	r.Logged("socket: drop udp package from 2")
}
