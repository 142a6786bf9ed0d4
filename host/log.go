package host

import (
	"fmt"
	"io"
	"sync"
)

// logger writes lines in skynet's form: "[:0000000a] text". Each line, and each write of a script, is one write.
type logger struct {
	mu   sync.Mutex
	out  io.Writer
	line []byte
}

func newLogger(out io.Writer) *logger { return &logger{out: out} }

// Write writes what scripts print.
func (l *logger) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

// longLine is the longest line whose memory is kept for the next one.
const longLine = 64 << 10

func (l *logger) log(source Handle, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line = fmt.Appendf(l.line[:0], "[:%08x] ", uint32(source))
	l.line = append(l.line, text...)
	l.line = append(l.line, '\n')
	_, _ = l.out.Write(l.line) // there is nobody to tell
	if cap(l.line) > longLine {
		l.line = nil
	}
}

// Log writes a line to the log in the name of a service, as skynet.error does.
func (h *Host) Log(source Handle, text string) {
	h.flush()
	h.log.log(source, text)
}

// Logf formats a line and writes it to the log.
func (h *Host) Logf(source Handle, format string, args ...any) {
	h.Log(source, fmt.Sprintf(format, args...))
}
