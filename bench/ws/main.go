// Ws compares WebSocket echo servers: gws without a script, gws with gopher-lua, scripts/wsecho.lua on luahost, and
// the pair scripts/wsserver.lua and scripts/wsagent.lua, with the host's codec and with the one in Lua.
//
// Each cell of the table is a kind of load. The servers take turns; medians of -runs runs count. The figure is the
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
		root  = flag.String("root", "..", "luahost's source tree")
		bin   = flag.String("luahost", "", "luahost binary to measure instead of building one")
		than  = flag.String("than", "", "another luahost binary: its wsecho is measured, too")
		runs  = flag.Int("runs", 3, "runs of each cell; the median counts")
		each  = flag.Duration("time", time.Second, "how long each server is under load in a run")
		only  = flag.String("only", "", "comma-separated cells")
		peers = flag.String("servers", "gws,gopher-lua,wsecho,wsagent,plain", "servers to run; gws is the yardstick")
	)
	flag.Parse()
	if err := compare(*root, *bin, *than, *runs, *each, *only, *peers); err != nil {
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

func compare(root, bin, than string, runs int, each time.Duration, only, peers string) error {
	servers, clean, err := build(root, bin, than, strings.Split(peers, ","))
	if err != nil {
		return err
	}
	defer clean()
	fmt.Printf("%-12s %-12s %14s %8s %12s\n", "cell", "server", "cost", "ratio", "messages/s")
	for _, c := range cells {
		if only != "" && !slices.Contains(strings.Split(only, ","), c.name) {
			continue
		}
		able := slices.DeleteFunc(slices.Clone(servers), func(s server) bool { return s.command(c, "") == nil })
		if err := compareCell(able, c, runs, each); err != nil {
			return err
		}
	}
	return nil
}

// compareCell measures each server beside the first one, the yardstick.
func compareCell(servers []server, c cell, runs int, each time.Duration) error {
	others := servers[1:]
	if len(others) == 0 {
		others = servers[:1]
	}
	for i, s := range others {
		pair := []server{servers[0], s}[:min(2, len(servers))]
		results, err := measure(pair, c, runs, each)
		if err != nil {
			return err
		}
		show(c, pair, results, i == 0)
	}
	return nil
}

// slice is how long a server is under load before the other one takes its turn: short, so that a change of the machine's
// mood meets both.
const slice = 100 * time.Millisecond

// measure returns the results of each server's runs.
func measure(servers []server, c cell, runs int, each time.Duration) (map[string][]result, error) {
	results := map[string][]result{}
	if c.kind == holding {
		for range runs {
			for _, s := range servers {
				r, err := hold(s, c)
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", s.name, c.name, err)
				}
				results[s.name] = append(results[s.name], r)
			}
		}
		return results, nil
	}
	loads := make([]*load, 0, len(servers))
	defer func() {
		for _, l := range loads {
			l.end()
		}
	}()
	for _, s := range servers {
		l, err := prepare(s, c, each/2)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", s.name, c.name, err)
		}
		loads = append(loads, l)
	}
	for range runs {
		sums := make([]spent, len(loads))
		for range max(1, int(each/slice)) {
			for i, l := range loads {
				if err := l.during(func() (int, error) { return l.run(slice) }, &sums[i]); err != nil {
					return nil, fmt.Errorf("%s, %s: %w", servers[i].name, c.name, l.explain(err))
				}
			}
		}
		for i, s := range servers {
			results[s.name] = append(results[s.name], sums[i].result())
		}
	}
	return results, nil
}

// show prints the results, those of the yardstick only the first time.
func show(c cell, servers []server, results map[string][]result, first bool) {
	yardstick := 0.0
	for i, s := range servers {
		all := results[s.name]
		cost := median(all, func(r result) float64 { return r.cost })
		if yardstick == 0 {
			yardstick = cost
		}
		if i == 0 && !first {
			continue
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
