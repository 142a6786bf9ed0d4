//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// detachedEnv tells the process that runs in the background that it does. Its file 3 is where it reports how its start went.
const detachedEnv = "LUAHOST_DETACHED"

// daemon is a node that runs in the background. Its process holds the lock of the pid file as long as it lives.
type daemon struct {
	pid    *os.File
	report *os.File
}

// detach starts this command anew, in the background and without a terminal, and waits until it is up; then foreground is
// true. In that process, it writes the pid file.
func detach(pidFile string) (d *daemon, foreground bool, err error) {
	background := os.Getenv(detachedEnv) != ""
	f, err := lockPID(pidFile)
	if err == nil && !background {
		_ = f.Close() // it is the background process's to write
		return nil, true, startDetached()
	}
	if !background {
		return nil, true, err
	}
	d = &daemon{pid: f, report: os.NewFile(3, "report")}
	if err == nil {
		err = d.writePID()
	}
	if err != nil {
		d.started(err)
	}
	return d, false, err
}

// lockPID opens the pid file. A process that runs has it locked.
func lockPID(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		pid, _ := io.ReadAll(f)
		_ = f.Close()
		return nil, fmt.Errorf("daemon: already running, pid = %s (%s)", bytes.TrimSpace(pid), file)
	}
	return f, nil
}

func startDetached() error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("daemon: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("daemon: %w", err)
	}
	defer r.Close()
	c := &exec.Cmd{
		Path: program, Args: os.Args, Env: append(os.Environ(), detachedEnv+"=1"),
		ExtraFiles:  []*os.File{w},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	err = c.Start()
	_ = w.Close()
	if err != nil {
		return fmt.Errorf("daemon: %w", err)
	}
	if said, err := io.ReadAll(r); err != nil || string(said) != startedWell {
		return errors.New(strings.TrimPrefix(string(said), "daemon: ") + "; the background process has ended")
	}
	return c.Process.Release()
}

const startedWell = "ok"

func (d *daemon) writePID() error {
	if err := d.pid.Truncate(0); err != nil {
		return fmt.Errorf("daemon: %w", err)
	}
	_, err := fmt.Fprintf(d.pid, "%d\n", os.Getpid())
	return err
}

// started tells the process in the foreground, which then ends, how the start went.
func (d *daemon) started(err error) {
	if d == nil {
		return
	}
	text := startedWell
	if err != nil {
		text = err.Error()
	}
	_, _ = io.WriteString(d.report, text)
	_ = d.report.Close()
}

// close removes the pid file.
func (d *daemon) close() {
	if d != nil && d.pid != nil {
		_ = os.Remove(d.pid.Name())
		_ = d.pid.Close()
	}
}
