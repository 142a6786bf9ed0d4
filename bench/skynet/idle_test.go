package skynet

import (
	"testing"

	"github.com/luahost/luahost/host"
)

func init() {
	scripts["agent"] = `
		local skynet = require "skynet"
		local socket = require "skynet.socket"
		local sockethelper = require "http.sockethelper"
		local frame = require "websocket.frame"
		local handshake = require "websocket.handshake"
		local utf8 = require "websocket.utf8"
		local tools = require "websocket.tools"
		local bit = require "websocket.bit"
		skynet.start(function()
			skynet.dispatch("lua", function(_, _, ...) skynet.retpack(...) end)
		end)`
	scripts["maker"] = `
		local skynet = require "skynet"
		skynet.start(function()
			skynet.dispatch("lua", function(_, _, name, n)
				for i = 1, n do
					skynet.kill(skynet.newservice(name))
				end
				skynet.retpack(n)
			end)
		end)`
}

// launch starts services and waits until they are ready.
func launch(b *testing.B, h *host.Host, name string, n int) {
	b.Helper()
	done := make(chan error, n)
	for range n {
		if _, err := h.Launch(name, nil, func(_ host.Handle, err error) { done <- err }); err != nil {
			b.Fatal(err)
		}
	}
	for range n {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdleAgent is the memory of an idle service that has required what scripts/wsagent.lua does.
func BenchmarkIdleAgent(b *testing.B) {
	n := 10000
	if testing.Short() {
		n = 1000
	}
	for b.Loop() {
		h := start(b)
		launch(b, h, "agent", 10)
		before := heap()
		launch(b, h, "agent", n)
		b.ReportMetric(float64(heap()-before)/float64(n), "B/service")
		h.Abort()
		<-h.Done()
	}
}

// BenchmarkNewService is skynet.newservice and the end of a service whose script is compiled already.
func BenchmarkNewService(b *testing.B) {
	for _, name := range []string{"echo", "agent"} {
		b.Run(name, func(b *testing.B) {
			h := start(b)
			a, err := h.Start(b.Context(), "maker")
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			const n = 1000
			for b.Loop() {
				if _, err := h.Call(b.Context(), a, name, n); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n*b.N), "us/service")
		})
	}
}
