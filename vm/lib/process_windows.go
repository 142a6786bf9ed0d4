package lib

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// processorTime returns the time that the process has used processors for.
func processorTime() time.Duration {
	p, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0
	}
	var created, exited, kernel, user syscall.Filetime
	if syscall.GetProcessTimes(p, &created, &exited, &kernel, &user) != nil {
		return 0
	}
	return duration(kernel) + duration(user)
}

// duration converts a count of 100 nanoseconds.
func duration(f syscall.Filetime) time.Duration {
	return time.Duration(uint64(f.HighDateTime)<<32|uint64(f.LowDateTime)) * 100
}

// shell makes the command that runs a line of text. The line goes to cmd as it is: quotes in it are cmd's own affair.
func shell(line string) *exec.Cmd {
	cmd := exec.Command("cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /s /c "` + line + `"`}
	return cmd
}

// exitStatus tells how a process ended; on Windows there are no signals.
func exitStatus(p *os.ProcessState) (what string, code int) { return "exit", p.ExitCode() }
