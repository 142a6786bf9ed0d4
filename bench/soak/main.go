// Soak keeps servers busy for a long time: clients that talk, clients that come and go, scripts that are saved while they
// run, some of them broken. It fails when a message is lost, doubled, reordered or late, when a save has no effect, and
// when memory or descriptors grow. See README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

type settings struct {
	root, bin   string
	connections int
	span        time.Duration
	pause       time.Duration // between two messages of a connection
	save        time.Duration // between two saves of a script
	sample      time.Duration
	growth      float64 // percent
}

func main() {
	var s settings
	flag.StringVar(&s.root, "root", "..", "luahost's source tree")
	flag.StringVar(&s.bin, "luahost", "", "luahost binary to measure instead of building one")
	flag.IntVar(&s.connections, "connections", 1000, "clients of each server")
	flag.DurationVar(&s.span, "time", 30*time.Minute, "how long it takes")
	flag.DurationVar(&s.pause, "pause", time.Second, "between two messages of a client")
	flag.DurationVar(&s.save, "save", time.Minute, "between two saves of a script; every fifth one is broken")
	flag.DurationVar(&s.sample, "sample", 30*time.Second, "between two lines of the table")
	flag.Float64Var(&s.growth, "growth", 10, "percent that memory may grow from the first half of the run to the second")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := soak(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// subjects are the servers: one service for all connections, and a service for each.
var subjects = []subject{
	{
		name:   "wsecho",
		files:  []string{"wsecho.lua"},
		edited: "wsecho.lua",
		answer: "websocket.write(id, message, op)",
		saved:  `websocket.write(id, message .. "|%d", op)`,
	},
	{
		name:   "wsagent",
		files:  []string{"wsserver.lua", "wsagent.lua"},
		edited: "wsagent.lua",
		answer: "client.messages = client.messages + 1\n\tsend(client, data, opcode)",
		saved:  "client.messages = client.messages + 1\n\tsend(client, data .. \"|%d\", opcode)",
	},
}

func soak(ctx context.Context, s settings) error {
	dir, err := os.MkdirTemp("", "luahost-soak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if s.bin == "" {
		s.bin = filepath.Join(dir, "luahost")
		cmd := exec.CommandContext(ctx, "go", "build", "-o", s.bin, "./cmd/luahost")
		cmd.Dir, cmd.Stderr = s.root, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("building luahost: %w", err)
		}
	}
	var runs []*run
	for _, sub := range subjects {
		r, err := begin(ctx, s, sub, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", sub.name, err)
		}
		defer r.stop()
		runs = append(runs, r)
	}
	watch(ctx, s, runs)
	failed := false
	for _, r := range runs {
		r.stop()
		if err := r.verdict(s.growth); err != nil {
			failed = true
			fmt.Printf("%s: %v\n", r.name, err)
		}
	}
	if failed {
		return fmt.Errorf("failed")
	}
	fmt.Println("passed")
	return nil
}

// watch prints a line for each server now and then, until the time is over or somebody interrupts it.
func watch(ctx context.Context, s settings, runs []*run) {
	ctx, cancel := context.WithTimeout(ctx, s.span)
	defer cancel()
	fmt.Printf("%8s %-8s %10s %10s %8s %8s %9s %8s %7s\n",
		"time", "server", "messages", "reconnects", "saves", "broken", "memory MB", "files", "errors")
	began := time.Now()
	for tick := time.Tick(s.sample); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		for _, r := range runs {
			r.sample()
			fmt.Printf("%8s %s\n", time.Since(began).Round(time.Second), r)
		}
	}
}
