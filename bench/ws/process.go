package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/luahost/luahost/bench/internal/procfs"
)

// server is a program to measure.
type server struct {
	name    string
	command func(c cell) []string // nil when it has nothing for this cell; the address comes last
}

// build makes the servers.
func build(root, bin string, names []string) ([]server, func(), error) {
	dir, clean, err := scratch()
	if err != nil {
		return nil, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, clean, err
	}
	if bin == "" {
		bin = filepath.Join(dir, "luahost")
		cmd := exec.Command("go", "build", "-o", bin, "./cmd/luahost")
		cmd.Dir, cmd.Stderr = root, os.Stderr
		if err := cmd.Run(); err != nil {
			return nil, clean, fmt.Errorf("building luahost: %w", err)
		}
	}
	script := func(echo, broadcast string) func(cell) []string {
		return func(c cell) []string {
			file := echo
			if c.kind == broadcasting {
				file = broadcast
			}
			if file == "" {
				return nil
			}
			return []string{bin, "run", absolute(root, file)}
		}
	}
	native := func(kind string) func(cell) []string {
		return func(c cell) []string {
			if c.kind == broadcasting {
				if kind != "gws" {
					return nil
				}
				return []string{self, "serve", "broadcast"}
			}
			return []string{self, "serve", kind}
		}
	}
	all := []server{
		{"gws", native("gws")},
		{"gopher-lua", native("gopher-lua")},
		{"wsecho", script("scripts/wsecho.lua", "bench/ws/broadcast.lua")},
		{"wsagent", script("scripts/wsserver.lua", "")},
	}
	return slices.DeleteFunc(all, func(s server) bool { return !slices.Contains(names, s.name) }), clean, nil
}

// process is a server that runs.
type process struct {
	cmd     *exec.Cmd
	address string
	output  bytes.Buffer
}

func start(s server, c cell) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{address: l.Addr().String()}
	_ = l.Close()
	command := append(s.command(c), p.address)
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for range 500 {
		if conn, err := net.Dial("tcp", p.address); err == nil {
			_ = conn.Close()
			return p, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.stop()
	return nil, fmt.Errorf("the server doesn't listen: %s", p.output.String())
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *process) cpu() (float64, error)    { return procfs.CPU(p.cmd.Process.Pid) }
func (p *process) memory() (float64, error) { return procfs.Memory(p.cmd.Process.Pid) }

// measure runs a server under a load.
func measure(s server, c cell, each time.Duration) (result, error) {
	p, err := start(s, c)
	if err != nil {
		return result{}, err
	}
	defer p.stop()
	var r result
	switch c.kind {
	case holding:
		r, err = hold(p, c)
	case connecting:
		r, err = reconnect(p, c, each)
	default:
		r, err = exchange(p, c, each)
	}
	if err != nil && p.output.Len() > 0 {
		err = fmt.Errorf("%w\n%s", err, p.output.String())
	}
	return r, err
}

// during runs f and returns the server's CPU time for 100,000 of what f has done, and how many a second that were.
func (p *process) during(f func() (int, error)) (result, error) {
	before, err := p.cpu()
	if err != nil {
		return result{}, err
	}
	begin := time.Now()
	n, err := f()
	if err != nil {
		return result{}, err
	}
	wall := time.Since(begin).Seconds()
	after, err := p.cpu()
	if err != nil {
		return result{}, err
	}
	if n == 0 {
		return result{}, fmt.Errorf("nothing was done")
	}
	return result{(after - before) / float64(n) * 1e5, float64(n) / wall}, nil
}
