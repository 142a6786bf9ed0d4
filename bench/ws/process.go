package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/luahost/luahost/bench/internal/procfs"
)

// server is a program to measure.
type server struct {
	name    string
	command func(c cell, address string) []string // nil when it has nothing for this cell
}

// build makes the servers.
func build(root, bin, than string, names []string) ([]server, func(), error) {
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
	script := func(bin, echo, broadcast string) func(cell, string) []string {
		return func(c cell, address string) []string {
			file := echo
			if c.kind == broadcasting {
				file = broadcast
			}
			if file == "" {
				return nil
			}
			return []string{bin, "run", "--control", filepath.Join(dir, address), absolute(root, file), address}
		}
	}
	native := func(kind string) func(cell, string) []string {
		return func(c cell, address string) []string {
			if c.kind == broadcasting {
				if kind != "gws" {
					return nil
				}
				return []string{self, "serve", "broadcast", address}
			}
			return []string{self, "serve", kind, address}
		}
	}
	plain := func(c cell, address string) []string {
		if c.kind == broadcasting {
			return nil
		}
		return []string{bin, filepath.Join(dir, plainConfig(dir, root, address))}
	}
	all := []server{
		{"gws", native("gws")},
		{"gopher-lua", native("gopher-lua")},
		{"wsecho", script(bin, "scripts/wsecho.lua", "bench/ws/broadcast.lua")},
		{"wsagent", script(bin, "scripts/wsserver.lua", "")},
		{"plain", plain},
	}
	if than != "" {
		all = append(all, server{"than", script(than, "scripts/wsecho.lua", "bench/ws/broadcast.lua")})
		names = append(names, "than")
	}
	return slices.DeleteFunc(all, func(s server) bool { return !slices.Contains(names, s.name) }), clean, nil
}

// plainConfig writes a node's config file for the pair of scripts without the host's codec, and returns its name.
func plainConfig(dir, root, address string) string {
	const preload = `package.preload["websocket.core"] = function() error "frames in Lua are measured" end` + "\n"
	config := fmt.Sprintf("harbor = 0\nthread = %d\nstart = %q\nluaservice = %q\npreload = %q\n",
		runtime.NumCPU(), "wsserver "+address, absolute(root, "scripts/?.lua"), filepath.Join(dir, "preload.lua"))
	_ = os.WriteFile(filepath.Join(dir, "preload.lua"), []byte(preload), 0o600)
	_ = os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600)
	return "config"
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
	command := s.command(c, p.address)
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

// explain adds what the server has printed to an error.
func (p *process) explain(err error) error {
	if p.output.Len() > 0 {
		err = fmt.Errorf("%w\n%s", err, p.output.String())
	}
	return err
}

// spent is what a server has done, and what that took.
type spent struct {
	messages  int
	cpu, wall float64 // seconds
}

// during adds f, which returns how much it has done, to what was spent.
func (p *process) during(f func() (int, error), sum *spent) error {
	before, err := p.cpu()
	if err != nil {
		return err
	}
	begin := time.Now()
	n, err := f()
	if err != nil {
		return err
	}
	sum.wall += time.Since(begin).Seconds()
	after, err := p.cpu()
	sum.cpu += after - before
	sum.messages += n
	return err
}

// result is the CPU time for 100,000 messages, and how many a second there were.
func (s spent) result() result {
	return result{s.cpu / float64(s.messages) * 1e5, float64(s.messages) / s.wall}
}
