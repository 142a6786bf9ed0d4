package reloadtest

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// A thousand agent services wait in the middle of socket.readline when their script is saved: half of the line that each
// waits for has come. All connections live, and answer by the new code.
func TestThousandAgentsInTheMiddleOfRead(t *testing.T) {
	connections := 1000
	if testing.Short() {
		connections = 100
	}
	agent := `local skynet = require "skynet" local socket = require "skynet.socket"
local n = 0
local function answer(line) n = n + 1 return line .. %q .. n end
local function serve(fd)
	local line = socket.readline(fd, "\n")
	if not line then skynet.exit() end
	socket.write(fd, answer(line) .. "\n")
	return serve(fd)
end
skynet.start(function() skynet.dispatch("lua", function(_, _, fd) socket.start(fd) serve(fd) end) end)`
	l := newLab(t, map[string]string{
		"main.lua": command + `local socket = require "skynet.socket"
			function on.listen() local id, _, port = socket.listen("127.0.0.1", 0) socket.start(id, function(fd) skynet.send(skynet.newservice "agent", "lua", fd) end) return port end`,
		"agent.lua": fmt.Sprintf(agent, " old "),
	})
	address := "127.0.0.1:" + l.call(l.start("main.lua"), "listen")
	clients := make([]net.Conn, connections)
	answers := make([]*bufio.Reader, connections)
	say := func(i int, text string) {
		t.Helper()
		if _, err := clients[i].Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(i int, want string) {
		t.Helper()
		line, err := answers[i].ReadString('\n')
		if err != nil || line != want+"\n" {
			t.Fatalf("client %d heard %q, %v, want %q\n%.2000s", i, line, err, want, l.out)
		}
	}
	for i := range clients {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(5 * patience))
		clients[i], answers[i] = c, bufio.NewReader(c)
		say(i, fmt.Sprintf("a%d\nb%d", i, i)) // a line, and the beginning of another
		hear(i, fmt.Sprintf("a%d old 1", i))
	}
	l.write("agent.lua", fmt.Sprintf(agent, " new "))
	if r := l.ok(); r.Services != connections {
		t.Errorf("%s", r.Line())
	}
	l.write("agent.lua", strings.Replace(fmt.Sprintf(agent, " broken "), "local n", "local = n", 1))
	l.rejected("agent.lua:2: ")
	for i := range clients {
		say(i, "x\n")
		hear(i, fmt.Sprintf("b%dx new 2", i))
	}
}
