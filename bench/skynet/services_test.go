// Package skynet measures messages between services, and many services at once.
//
//	go test -bench . -benchtime 1x ./skynet
package skynet

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host"
)

var scripts = map[string]string{
	"echo": `
		local skynet = require "skynet"
		skynet.start(function()
			skynet.dispatch("lua", function(_, _, ...) skynet.retpack(...) end)
		end)`,
	"caller": `
		local skynet = require "skynet"
		skynet.start(function()
			local echo = skynet.newservice "echo"
			skynet.dispatch("lua", function(_, _, n)
				for i = 1, n do
					skynet.call(echo, "lua", i)
				end
				skynet.retpack(n)
			end)
		end)`,
	"sink": `
		local skynet = require "skynet"
		local count = 0
		skynet.start(function()
			skynet.dispatch("lua", function(_, _, t)
				if t then
					count = count + t.n
				else
					skynet.retpack(count)
				end
			end)
		end)`,
	"sender": `
		local skynet = require "skynet"
		skynet.start(function()
			local sink = skynet.newservice "sink"
			local message = { n = 1, name = "x", list = { 1, 2, 3 } }
			skynet.dispatch("lua", function(_, _, n)
				for i = 1, n do
					skynet.send(sink, "lua", message)
					if i % 1000 == 0 then
						skynet.call(sink, "lua") -- no more than these wait
					end
				end
				skynet.retpack((skynet.call(sink, "lua")))
			end)
		end)`,
}

func start(b *testing.B) *host.Host {
	b.Helper()
	dir := b.TempDir()
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name+".lua"), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	h, err := host.New(append(all.Options(), host.WithServicePath(filepath.Join(dir, "?.lua")), host.WithOutput(io.Discard))...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = h.Close(context.Background()) })
	return h
}

// each has a service do n of something, and reports how many a second that is.
func each(b *testing.B, service, unit string, n int) {
	h := start(b)
	a, err := h.Start(b.Context(), service)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	began := time.Now()
	for b.Loop() {
		if _, err := h.Call(b.Context(), a, n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/time.Since(began).Seconds(), unit)
}

// BenchmarkCall is skynet.call and its answer between two services.
func BenchmarkCall(b *testing.B) { each(b, "caller", "calls/s", 200000) }

// BenchmarkSend is skynet.send of a small table.
func BenchmarkSend(b *testing.B) { each(b, "sender", "sends/s", 500000) }

// BenchmarkPopulation has 100,000 echo services alive at once, and ends them.
func BenchmarkPopulation(b *testing.B) {
	const population = 100000
	for b.Loop() {
		h := start(b)
		empty := heap()
		began := time.Now()
		done := make(chan error, population)
		for range population {
			if _, err := h.Launch("echo", nil, func(_ host.Handle, err error) { done <- err }); err != nil {
				b.Fatal(err)
			}
		}
		for range population {
			if err := <-done; err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(population/time.Since(began).Seconds(), "starts/s")
		b.ReportMetric(float64(heap()-empty)/population, "B/service")
		some := h.Services()[population/2]
		if r, err := h.Call(b.Context(), some.Address(), "hello"); err != nil || fmt.Sprint(r) != "[hello]" {
			b.Fatal(r, err)
		}
		some = nil
		began = time.Now()
		h.Abort()
		<-h.Done()
		b.ReportMetric(population/time.Since(began).Seconds(), "ends/s")
		b.ReportMetric(float64(heap()-empty)/population, "B/ended-service")
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
