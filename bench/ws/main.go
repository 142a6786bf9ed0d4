// Ws compares WebSocket echo servers: gws without a script, gws with gopher-lua, scripts/wsecho.lua on luahost, and
// the pair scripts/wsserver.lua and scripts/wsagent.lua, whose codec is Lua.
//
// Each cell of the table is a kind of load. The servers take turns, -runs times each; medians count. The figure is the
// CPU time of the server's process, user and system, for 100,000 messages, which is steadier than the throughput beside
// it. See README.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == "serve" {
		if err := serve(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, "ws:", err)
			os.Exit(1)
		}
		return
	}
	var (
		root  = flag.String("root", "../..", "luahost's source tree")
		bin   = flag.String("luahost", "", "luahost binary to measure instead of building one")
		runs  = flag.Int("runs", 3, "runs of each cell; the median counts")
		each  = flag.Duration("time", time.Second, "how long a run takes")
		only  = flag.String("only", "", "comma-separated cells")
		peers = flag.String("servers", "gws,gopher-lua,wsecho,wsagent", "servers to run; gws is the yardstick")
	)
	flag.Parse()
	if err := compare(*root, *bin, *runs, *each, *only, *peers); err != nil {
		fmt.Fprintln(os.Stderr, "ws:", err)
		os.Exit(1)
	}
}

// cell is a kind of load.
type cell struct {
	name        string
	connections int
	size        int
	inFlight    int
	kind        kind
}

type kind uint8

const (
	echoing      kind = iota
	connecting        // connect, handshake, echo, close
	holding           // memory of idle connections
	broadcasting      // one client's messages go to all
)

var cells = []cell{
	{"32B", 64, 32, 1, echoing},
	{"1KiB", 64, 1 << 10, 1, echoing},
	{"64KiB", 64, 64 << 10, 1, echoing},
	{"16inflight", 64, 128, 16, echoing},
	{"1000conns", 1000, 128, 1, echoing},
	{"connect", 16, 32, 1, connecting},
	{"memory", 5000, 32, 1, holding},
	{"broadcast", 1000, 128, 4, broadcasting},
}

// result of a run: what is measured, and messages a second.
type result struct{ cost, rate float64 }

func compare(root, bin string, runs int, each time.Duration, only, peers string) error {
	servers, clean, err := build(root, bin, strings.Split(peers, ","))
	if err != nil {
		return err
	}
	defer clean()
	fmt.Printf("%-12s %-12s %14s %8s %12s\n", "cell", "server", "cost", "ratio", "messages/s")
	for _, c := range cells {
		if only != "" && !slices.Contains(strings.Split(only, ","), c.name) {
			continue
		}
		results := map[string][]result{}
		for range runs {
			for _, s := range servers {
				if s.command(c) == nil {
					continue
				}
				r, err := measure(s, c, each)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", s.name, c.name, err)
				}
				results[s.name] = append(results[s.name], r)
			}
		}
		show(c, servers, results)
	}
	return nil
}

func show(c cell, servers []server, results map[string][]result) {
	yardstick := 0.0
	for _, s := range servers {
		all := results[s.name]
		if len(all) == 0 {
			continue
		}
		cost := median(all, func(r result) float64 { return r.cost })
		if yardstick == 0 {
			yardstick = cost
		}
		fmt.Printf("%-12s %-12s %14s %8.2f %12.0f\n", c.name, s.name, c.unit(cost), cost/yardstick,
			median(all, func(r result) float64 { return r.rate }))
	}
}

func (c cell) unit(cost float64) string {
	if c.kind == holding {
		return fmt.Sprintf("%.1f KB/conn", cost/1024)
	}
	return fmt.Sprintf("%.2f s/100k", cost)
}

func median(all []result, of func(result) float64) float64 {
	values := make([]float64, len(all))
	for i, r := range all {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// scratch is where binaries are built.
func scratch() (string, func(), error) {
	dir, err := os.MkdirTemp("", "luahost-bench-ws")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

func absolute(root, file string) string {
	path, err := filepath.Abs(filepath.Join(root, file))
	if err != nil {
		return filepath.Join(root, file)
	}
	return path
}
