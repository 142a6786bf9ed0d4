package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/freeport"
	"github.com/luahost/luahost/internal/testlog"
)

// Two nodes, and a third that comes later, send each other messages by address and by name.
func TestHarbor(t *testing.T) {
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ports := freeport.Of(t, 4)
	config := func(id int) string {
		text := quietNode + fmt.Sprintf("harbor = %d\naddress = '127.0.0.1:%d'\nmaster = '127.0.0.1:%d'\nstart = 'main%d'\n", id, ports[id], ports[0], id)
		if id == 1 {
			text += fmt.Sprintf("standalone = '127.0.0.1:%d'\n", ports[0])
		}
		return text
	}
	const check = `local check = {}
function check.equal(got, want, what)
	if got ~= want then error(("%s: got %s, want %s"):format(what or "", tostring(got), tostring(want)), 2) end
end
return check`
	dir := nodeFiles(t, map[string]string{
		"config1": config(1), "config2": config(2), "config3": config(3),
		"lualib/check.lua": check,
		"echo.lua": `local skynet = require "skynet"
local notes = {}
skynet.start(function()
	skynet.dispatch("lua", function(session, source, what, ...)
		if what == "fail" then error "on purpose" end
		if what == "wait" then skynet.wait() end
		if what == "exit" then skynet.exit() end
		if what == "note" then notes[#notes + 1] = (...) return end
		if what == "notes" then return skynet.retpack(table.concat(notes, " ")) end
		skynet.retpack(what, skynet.harbor(source), ...)
	end)
end)`,
		// The master's node.
		"main1.lua": `local skynet = require "skynet"
require "skynet.manager"
local datacenter = require "skynet.datacenter"
skynet.start(function()
	skynet.timeout(20, function() skynet.name("ECHO", skynet.newservice "echo") end)
	datacenter.set("from", 1, "one")
	skynet.fork(function()
		check = require "check"
		check.equal(datacenter.wait("from", 2), "two")
		check.equal((skynet.call("OTHER", "lua", "hi")), "hi")
		skynet.error "node 1 done"
		skynet.wait()
	end)
end)`,
		"main2.lua": `local skynet = require "skynet"
require "skynet.manager"
local check = require "check"
local datacenter = require "skynet.datacenter"
local harbor = require "skynet.harbor"
local function test()
	local what, from, big = skynet.call("ECHO", "lua", "hello", ("x"):rep(1048576))
	check.equal(what, "hello") check.equal(from, 2) check.equal(#big, 1048576)
	local echo = harbor.queryname "ECHO"
	check.equal(skynet.harbor(echo), 1)
	check.equal(select(2, skynet.harbor(echo)), true)
	check.equal(select("#", skynet.call(echo, "lua", "many", nil, {}, 1.5, nil)), 6)
	for i = 1, 100 do skynet.send(echo, "lua", "note", i) end
	local expected = {}
	for i = 1, 100 do expected[i] = i end
	check.equal(skynet.call(echo, "lua", "notes"), table.concat(expected, " "))
	check.equal(pcall(skynet.call, echo, "lua", "fail"), false, "an error there")
	check.equal(pcall(skynet.call, 0x01ffffff, "lua", "x"), false, "a dead address there")
	local victim = skynet.call("ECHO", "lua", "x") and skynet.uniqueservice(true, "echo")
	check.equal(skynet.harbor(victim), 1)
	check.equal(pcall(skynet.call, victim, "lua", "exit"), false, "a service that exits there")
	datacenter.set("from", 2, "two")
	check.equal(datacenter.get("from", 1), "one")
	skynet.name("OTHER", skynet.newservice "echo")
	harbor.connect(1)
	harbor.connect(3)
	check.equal(pcall(skynet.name, "ECHO", skynet.self()), true)
	check.equal((skynet.call("THIRD", "lua", "three")), "three")
	skynet.error "node 2 connected"
	local linked, master, waiting = false, false, false
	skynet.fork(function() harbor.link(1) linked = true end)
	skynet.fork(function() harbor.linkmaster() master = true end)
	waiting = pcall(skynet.call, echo, "lua", "wait")
	check.equal(waiting, false, "a call to a node that ends")
	while not (linked and master) do skynet.sleep(1) end
	check.equal(pcall(skynet.call, echo, "lua", "x"), false, "a call to a node that is down")
	check.equal((skynet.call("THIRD", "lua", "three")), "three")
	skynet.error "node 2 done"
end
skynet.start(function()
	skynet.fork(function()
		local ok, err = xpcall(test, debug.traceback)
		if not ok then skynet.error("FAIL " .. err) end
	end)
end)`,
		"main3.lua": `local skynet = require "skynet"
require "skynet.manager"
local check = require "check"
skynet.start(function()
	skynet.name("THIRD", skynet.newservice "echo")
	skynet.fork(function()
		check.equal((skynet.call("OTHER", "lua", "hi")), "hi")
		check.equal((skynet.call("ECHO", "lua", "hi")), "hi")
		skynet.error "node 3 done"
		skynet.wait()
	end)
end)`,
	})
	var logs [4]testlog.Log
	var nodes [4]*exec.Cmd
	start := func(id int) {
		c := exec.Command(file, "--watch=false", fmt.Sprint("config", id))
		c.Dir, c.Stdout, c.Stderr = dir, &logs[id], &logs[id]
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = c.Process.Kill()
			_ = c.Wait()
		})
		nodes[id] = c
	}
	start(1)
	logs[1].Wait(t, "(master listen socket)")
	start(2)
	logs[2].Wait(t, "(Shakehand ready)")
	start(3)
	logs[3].Wait(t, "(node 3 done|lua call)")
	logs[1].Wait(t, "(node 1 done|lua call)")
	logs[2].Wait(t, "(node 2 connected|FAIL)")
	_ = nodes[1].Process.Kill()
	logs[2].Wait(t, "(node 2 done|FAIL)")
	for id := 1; id <= 3; id++ {
		if text := logs[id].String(); !strings.Contains(text, fmt.Sprintf("node %d done", id)) || t.Failed() {
			t.Errorf("log of node %d:\n%s", id, text)
		}
	}
}

// TestHarborWire is a node that is not ours: it speaks the protocol byte by byte.
func TestHarborWire(t *testing.T) {
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ports := freeport.Of(t, 2)
	dir := nodeFiles(t, map[string]string{
		"config": quietNode + fmt.Sprintf("harbor = 1\naddress = '127.0.0.1:%d'\nmaster = '127.0.0.1:%[2]d'\nstandalone = '127.0.0.1:%[2]d'\n", ports[0], ports[1]),
		"main.lua": `local skynet = require "skynet"
require "skynet.manager"
skynet.start(function()
	skynet.register "MAIN"
	skynet.dispatch("lua", function(_, source, ...)
		skynet.error("asked by", skynet.address(source))
		skynet.retpack(...)
	end)
end)`,
	})
	var log testlog.Log
	c := exec.Command(file, "--watch=false", "config")
	c.Dir, c.Stdout, c.Stderr = dir, &log, &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	log.Wait(t, "(LAUNCH snlua main)")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	master, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", ports[1]))
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	read := func(c net.Conn, n int) []byte {
		t.Helper()
		_ = c.SetReadDeadline(time.Now().Add(patience))
		b := make([]byte, n)
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatalf("%v\n%s", err, log.String())
		}
		return b
	}
	say := func(values ...any) {
		b, err := host.PackAny(values...)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = master.Write(append([]byte{byte(len(b))}, b...))
	}
	hear := func() []any {
		t.Helper()
		values, err := host.UnpackAny(read(master, int(read(master, 1)[0])))
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
	say("H", 7, l.Addr().String())
	if got := fmt.Sprint(hear()); got != "[W 1]" {
		t.Fatalf("the master says %s", got)
	}
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	if id := read(peer, 1); id[0] != 1 {
		t.Fatalf("the node is %d", id)
	}
	_, _ = peer.Write([]byte{7})
	say("Q", "MAIN")
	answer := hear()
	for len(answer) == 3 && answer[0] == "N" && answer[1] != "MAIN" { // the node may be telling of its own names still
		answer = hear()
	}
	if len(answer) != 3 || answer[0] != "N" || answer[1] != "MAIN" {
		t.Fatalf("the master says %v", answer)
	}
	number, _ := strconv.ParseFloat(fmt.Sprint(answer[2]), 64)
	main := uint32(number)
	if main>>24 != 1 {
		t.Fatalf("MAIN is %x", main)
	}
	frame := func(content string, source, to, session uint32) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(content)+12))
		b = append(b, content...)
		for _, n := range []uint32{source, to, session} {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	// "ping" of type lua (10) to MAIN; a request in two pieces; one to nobody.
	request := frame("\x24ping", 0x07000012, main&0xffffff|10<<24, 99)
	_, _ = peer.Write(append(request, request[:10]...))
	want := frame("\x24ping", main, 0x12|1<<24, 99)
	if got := read(peer, len(want)); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	_, _ = peer.Write(request[10:])
	if got := read(peer, len(want)); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	_, _ = peer.Write(frame("", 0x07000012, 0xabcdef|10<<24, 5))
	want = frame("", 0x01abcdef, 0x12|7<<24, 5)
	if got := read(peer, len(want)); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	// A message that is too long ends the connection, and the node is down.
	_, _ = peer.Write([]byte{1, 0, 0, 0})
	_ = peer.SetReadDeadline(time.Now().Add(patience))
	if n, err := peer.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("got %d bytes, %v", n, err)
	}
	log.Wait(t, "asked by :07000012")
	log.Wait(t, "message is too long from harbor 7")
}
