// Engine compares luahost's Lua engine with C Lua 5.2 and 5.4, gopher-lua and go-lua.
//
// Each workload is a Lua file; its repetitions are chosen so that C Lua 5.2 takes about -time. The engines run it in turn,
// -runs times each, as whole processes. The tables show medians of wall time, and of user and system CPU time, as ratios
// to C Lua 5.2. See README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

type engine struct {
	name    string
	command []string
}

type sample struct{ wall, cpu time.Duration }

func main() {
	var (
		dir   = flag.String("dir", ".", "folder with driver.lua and workloads/")
		bin   = flag.String("luahost", "", "luahost binary to measure instead of building one")
		runs  = flag.Int("runs", 5, "runs of each cell; the median counts")
		each  = flag.Duration("time", 250*time.Millisecond, "how long C Lua 5.2 takes for a workload")
		only  = flag.String("only", "", "comma-separated workloads")
		peers = flag.String("engines", "lua5.2,lua5.4,luahost,gopher-lua,go-lua", "engines to run; lua5.2 is the yardstick")
	)
	flag.Parse()
	if err := compare(*dir, *bin, *runs, *each, *only, *peers); err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

func compare(dir, bin string, runs int, each time.Duration, only, peers string) error {
	binaries, err := os.MkdirTemp("", "engine")
	if err != nil {
		return err
	}
	defer os.RemoveAll(binaries)
	engines, err := build(dir, binaries, bin, peers)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "workloads", "*.lua"))
	if err != nil {
		return err
	}
	table := newTable(engines)
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".lua")
		if only != "" && !slices.Contains(strings.Split(only, ","), name) {
			continue
		}
		cells, err := measure(dir, f, engines, runs, each)
		if err != nil {
			return err
		}
		table.row(name, cells)
	}
	table.means()
	return nil
}

// build compiles the Go engines into a folder and finds the C ones.
func build(dir, binaries, bin, peers string) ([]engine, error) {
	var engines []engine
	for _, name := range strings.Split(peers, ",") {
		path := filepath.Join(binaries, name)
		pkg, in := "", dir
		switch name {
		case "luahost":
			if bin != "" {
				engines = append(engines, engine{name, []string{bin, "lua"}})
				continue
			}
			pkg, in = "./cmd/luahost", filepath.Join(dir, "..", "..") // its own module
			engines = append(engines, engine{name, []string{path, "lua"}})
		case "gopher-lua":
			pkg = "./gopherlua"
			engines = append(engines, engine{name, []string{path}})
		case "go-lua":
			pkg = "./golua"
			engines = append(engines, engine{name, []string{path}})
		default:
			engines = append(engines, engine{name, []string{name}})
			continue
		}
		cmd := exec.Command("go", "build", "-o", path, pkg)
		cmd.Dir = in
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
		}
	}
	return engines, nil
}

// measure runs one workload on all engines in turn. A nil cell is an engine that can't run it.
func measure(dir, file string, engines []engine, runs int, each time.Duration) ([][]sample, error) {
	once, err := run(dir, engines[0], file, 1)
	if err != nil {
		return nil, err
	}
	repetitions := max(1, int(each/max(once.cpu-2*time.Millisecond, time.Millisecond/2)))
	cells := make([][]sample, len(engines))
	failed := make([]bool, len(engines))
	for range runs {
		for i, e := range engines {
			if failed[i] {
				continue
			}
			s, err := run(dir, e, file, repetitions)
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s: %s: %v\n", e.name, filepath.Base(file), err)
				failed[i] = true
				continue
			}
			cells[i] = append(cells[i], s)
		}
	}
	return cells, nil
}

func run(dir string, e engine, file string, repetitions int) (sample, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	args := append(slices.Clone(e.command[1:]), filepath.Join(dir, "driver.lua"), file, strconv.Itoa(repetitions))
	cmd := exec.CommandContext(ctx, e.command[0], args...)
	var out strings.Builder
	cmd.Stderr = &out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		text, _, _ := strings.Cut(out.String(), "\n")
		return sample{}, fmt.Errorf("%w: %s", err, text)
	}
	return sample{time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

type table struct {
	engines []engine
	logs    [][]float64 // of the wall ratios, a list an engine
	worst   []float64
}

func newTable(engines []engine) *table {
	t := &table{engines, make([][]float64, len(engines)), make([]float64, len(engines))}
	fmt.Printf("%-14s %10s", "workload", engines[0].name)
	for _, e := range engines[1:] {
		fmt.Printf(" %16s", e.name+" (cpu)")
	}
	fmt.Println()
	return t
}

func (t *table) row(name string, cells [][]sample) {
	base := median(cells[0])
	fmt.Printf("%-14s %7.0f ms", name, float64(base.wall)/1e6)
	for i, c := range cells[1:] {
		if len(c) == 0 {
			fmt.Printf(" %16s", "-")
			continue
		}
		m := median(c)
		wall, cpu := float64(m.wall)/float64(base.wall), float64(m.cpu)/float64(base.cpu)
		fmt.Printf(" %8.2f (%5.2f)", wall, cpu)
		t.logs[i+1] = append(t.logs[i+1], math.Log(wall))
		t.worst[i+1] = max(t.worst[i+1], wall)
	}
	fmt.Println()
}

func (t *table) means() {
	fmt.Printf("%-14s %10s", "geometric mean", "1.00")
	for _, logs := range t.logs[1:] {
		sum := 0.0
		for _, l := range logs {
			sum += l
		}
		fmt.Printf(" %8.2f        ", math.Exp(sum/float64(len(logs))))
	}
	fmt.Printf("\n%-14s %10s", "worst", "")
	for _, w := range t.worst[1:] {
		fmt.Printf(" %8.2f        ", w)
	}
	fmt.Println()
}

func median(s []sample) sample {
	walls, cpus := make([]time.Duration, len(s)), make([]time.Duration, len(s))
	for i, x := range s {
		walls[i], cpus[i] = x.wall, x.cpu
	}
	slices.Sort(walls)
	slices.Sort(cpus)
	return sample{walls[len(s)/2], cpus[len(s)/2]}
}
