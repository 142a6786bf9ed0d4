//go:build unix

package lib

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// processorTime returns the time that the process has used processors for.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// shell makes the command that runs a line of text.
func shell(line string) *exec.Cmd { return exec.Command("/bin/sh", "-c", line) }

// exitStatus tells how a process ended: "exit" or "signal", and the number of it.
func exitStatus(p *os.ProcessState) (what string, code int) {
	if s, ok := p.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return "signal", int(s.Signal())
	}
	return "exit", p.ExitCode()
}
