package host

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// logger writes lines in skynet's form: "[:0000000a] text". Each line, and each write of a script, is one write.
type logger struct {
	mu      sync.Mutex
	out     io.Writer // what scripts print, and lines, if there is no file
	file    io.Writer // lines, with their time; nil: there is none
	line    []byte
	service atomic.Uint32 // that gets lines instead, or 0
}

func newLogger(out, file io.Writer) *logger { return &logger{out: out, file: file} }

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
	to, now := l.out, time.Time{}
	if l.file != nil {
		to, now = l.file, time.Now()
	}
	l.line = AppendLogLine(l.line[:0], now, source, text)
	_, _ = to.Write(l.line) // there is nobody to tell
	if cap(l.line) > longLine {
		l.line = nil
	}
}

// AppendLogLine appends a line in the form of skynet's log, with the time in front if there is one:
// "28/11/26 20:32:44.07 [:0000000a] text".
func AppendLogLine(b []byte, when time.Time, source Handle, text string) []byte {
	if !when.IsZero() {
		b = when.AppendFormat(b, "02/01/06 15:04:05.")
		b = fmt.Appendf(b, "%02d ", when.Nanosecond()/int(tick))
	}
	b = fmt.Appendf(b, "[:%08x] ", uint32(source))
	b = append(b, text...)
	return append(b, '\n')
}

// Log writes a line to the log in the name of a service, as skynet.error does.
func (h *Host) Log(source Handle, text string) {
	h.Flush()
	if to := Handle(h.log.service.Load()); to != 0 && h.Post(to, Message{Type: TypeText, Source: source, Data: []byte(text)}) {
		return
	}
	h.log.log(source, text)
}

// Logf formats a line and writes it to the log.
func (h *Host) Logf(source Handle, format string, args ...any) {
	h.Log(source, fmt.Sprintf(format, args...))
}
