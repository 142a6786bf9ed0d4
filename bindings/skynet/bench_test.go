package skynet_test

import (
	"context"
	"testing"
)

var benchScripts = map[string]string{
	"main": `
local skynet = require "skynet"
local peer
local command = {}
function command.call(n)
	local call = skynet.call
	for i = 1, n do call(peer, "lua", "echo", i) end
end
function command.send(n)
	local send, t = skynet.send, {1, 2, x = 3}
	for i = 1, n do send(peer, "lua", "take", t) end
	skynet.call(peer, "lua", "echo")
end
function command.sleep(n)
	for i = 1, n do skynet.yield() end
end
function command.fork(n)
	for i = 1, n do skynet.fork(function() end) end
end
function command.start(n)
	for i = 1, n do
		skynet.send(skynet.newservice "agent", "lua", "exit")
	end
end
skynet.start(function()
	peer = skynet.newservice "peer"
	skynet.dispatch("lua", function(_, _, cmd, ...) skynet.retpack(command[cmd](...)) end)
end)`,
	"peer": `
local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...)
		if cmd == "echo" then skynet.ret(skynet.pack(...)) end
	end)
end)`,
	"agent": `
local skynet = require "skynet"
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...) skynet[cmd](...) end)
end)`,
}

func benchmark(b *testing.B, command string) {
	k := newKit(b, benchScripts)
	main, err := k.start("main")
	if err != nil {
		b.Fatal(err, k.text())
	}
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := k.Call(context.Background(), main, command, b.N); err != nil {
		b.Fatal(err, k.text())
	}
}

// A round trip between two services.
func BenchmarkCall(b *testing.B) { benchmark(b, "call") }

// A small table sent to another service, which unpacks it.
func BenchmarkSend(b *testing.B) { benchmark(b, "send") }

func BenchmarkYield(b *testing.B) { benchmark(b, "sleep") }

func BenchmarkFork(b *testing.B) { benchmark(b, "fork") }

// A service that is started and ends.
func BenchmarkNewService(b *testing.B) { benchmark(b, "start") }
