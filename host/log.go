package host

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// logger writes lines in skynet's form: "[:0000000a] text". Each line, and each write of a script, is one write.
type logger struct {
	mu  sync.Mutex
	out io.Writer
}

func newLogger(out io.Writer) *logger { return &logger{out: out} }

// Write writes what scripts print.
func (l *logger) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *logger) line(source Handle, text string) {
	var b strings.Builder
	b.Grow(len(text) + 14)
	fmt.Fprintf(&b, "[%s] %s\n", source, text)
	_, _ = l.Write([]byte(b.String()))
}

func (l *logger) close() {}

// Log writes a line to the log in the name of a service, as skynet.error does.
func (h *Host) Log(source Handle, text string) { h.log.line(source, text) }

// Logf formats a line and writes it to the log.
func (h *Host) Logf(source Handle, format string, args ...any) {
	h.log.line(source, fmt.Sprintf(format, args...))
}
