package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/luahost/luahost/bench/internal/procfs"
)

// subject is a server whose script is edited while it runs.
type subject struct {
	name   string
	files  []string // in scripts/; the first one is started
	edited string
	answer string // the code that answers a message
	saved  string // the same, with the number of the save behind each answer
}

// run is a subject under load.
type run struct {
	subject
	pause time.Duration

	cmd     *exec.Cmd
	output  bytes.Buffer
	address string
	path    string // of the script that is edited
	source  string
	cancel  context.CancelFunc
	group   sync.WaitGroup
	once    sync.Once

	messages, reconnects, saves, broken, failures atomic.Int64
	effective                                     atomic.Int64 // the last save that must have taken effect

	mu          sync.Mutex
	errors      []string // the first few
	memory      []float64
	descriptors []int
}

// keptErrors is how many errors are shown; more are counted.
const keptErrors = 10

func begin(ctx context.Context, s settings, sub subject, dir string) (*run, error) {
	r := &run{subject: sub, pause: s.pause}
	dir = filepath.Join(dir, sub.name)
	if err := r.copyScripts(s.root, dir); err != nil {
		return nil, err
	}
	if err := r.serve(s.bin, dir); err != nil {
		return nil, err
	}
	ctx, r.cancel = context.WithCancel(ctx)
	for i := range s.connections {
		r.group.Go(func() { r.client(ctx, i) })
	}
	r.group.Go(func() { r.edit(ctx, s.save) })
	return r, nil
}

func (r *run) copyScripts(root, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range r.subject.files {
		b, err := os.ReadFile(filepath.Join(root, "scripts", name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			return err
		}
		if name == r.edited {
			r.path, r.source = filepath.Join(dir, name), string(b)
		}
	}
	if strings.Count(r.source, r.answer) != 1 {
		return fmt.Errorf("%s: the code that answers is not as expected", r.edited)
	}
	return nil
}

func (r *run) serve(bin, dir string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.address = l.Addr().String()
	_ = l.Close()
	r.cmd = exec.Command(bin, "run", "--control", filepath.Join(dir, "control"), filepath.Join(dir, r.subject.files[0]), r.address)
	r.cmd.Stdout, r.cmd.Stderr = nil, &r.output
	if err := r.cmd.Start(); err != nil {
		return err
	}
	for range 500 {
		if conn, err := net.Dial("tcp", r.address); err == nil {
			return conn.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
	return fmt.Errorf("the server doesn't listen: %s", r.output.String())
}

// edit saves the script again and again. Each save that is not broken must change the answers.
func (r *run) edit(ctx context.Context, every time.Duration) {
	for n := int64(1); sleep(ctx, every); n++ {
		code := fmt.Sprintf(r.saved, n)
		broken := n%5 == 0
		if broken {
			code = "local = " + code
		}
		if err := os.WriteFile(r.path, []byte(strings.Replace(r.source, r.answer, code, 1)), 0o644); err != nil {
			r.fail("saving: %v", err)
			return
		}
		if broken {
			r.broken.Add(1)
			continue
		}
		r.saves.Add(1)
		if !sleep(ctx, takesEffect) {
			return
		}
		r.effective.Store(n)
	}
}

// takesEffect is the time that a save may take until all answers are new; far more than it needs.
const takesEffect = 10 * time.Second

// stop ends the clients, then the server: at SIGTERM it must end by itself, with exit code 0.
func (r *run) stop() {
	r.once.Do(func() {
		r.cancel()
		r.group.Wait()
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
		timer := time.AfterFunc(30*time.Second, func() { _ = r.cmd.Process.Kill() })
		defer timer.Stop()
		if err := r.cmd.Wait(); err != nil {
			r.fail("the server's end: %v", err)
		}
	})
}

func (r *run) fail(format string, args ...any) {
	r.failures.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.errors) < keptErrors {
		r.errors = append(r.errors, fmt.Sprintf(format, args...))
	}
}

// sample notes what the server takes.
func (r *run) sample() {
	memory, err1 := procfs.Memory(r.cmd.Process.Pid)
	files, err2 := procfs.Files(r.cmd.Process.Pid)
	if err := errors.Join(err1, err2); err != nil {
		r.fail("the server is gone: %v", err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.memory, r.descriptors = append(r.memory, memory/(1<<20)), append(r.descriptors, files)
}

func (r *run) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.memory) == 0 {
		return fmt.Sprintf("%-8s no sample", r.name)
	}
	return fmt.Sprintf("%-8s %10d %10d %8d %8d %9.1f %8d %7d", r.name, r.messages.Load(), r.reconnects.Load(),
		r.saves.Load(), r.broken.Load(), r.memory[len(r.memory)-1], r.descriptors[len(r.descriptors)-1], r.failures.Load())
}

// verdict tells what went wrong.
func (r *run) verdict(growth float64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := r.failures.Load(); n > 0 {
		return fmt.Errorf("%d errors: %s\n%s", n, strings.Join(r.errors, "; "), r.output.String())
	}
	if r.messages.Load() == 0 {
		return fmt.Errorf("no message came back")
	}
	if len(r.memory) < 8 {
		fmt.Printf("%s: too few samples to judge memory\n", r.name)
		return nil
	}
	// The first quarter is for growing to the usual size.
	n := len(r.memory)
	before, after := median(r.memory[n/4:n/2+1]), median(r.memory[n/2+1:])
	fmt.Printf("%s: memory %.1f MB in the first half, %.1f MB in the second\n", r.name, before, after)
	if after > before*(1+growth/100) {
		return fmt.Errorf("memory has grown by %.0f %%", 100*(after/before-1))
	}
	if first, last := slices.Max(r.descriptors[:n/2]), r.descriptors[n-1]; last > first+first/10 {
		return fmt.Errorf("%d file descriptors, once %d", last, first)
	}
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// sleep waits, and reports false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
