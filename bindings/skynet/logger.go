package skynet

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/luahost/luahost/host"
)

// logger is the service logger as it is in C in skynet: launch("logger", file). It writes messages of the type text to a file, or
// to the log without one. A message of the type system has it open the file anew.
type logger struct {
	path string
	file io.WriteCloser
}

var errNoFiles = errors.New("logger: the sandbox writes no files")

func openLogger(s *host.Service, args []string) error {
	l := &logger{}
	s.SetReceiver(l)
	if len(args) == 0 {
		return nil
	}
	if s.Host().Sandboxed() {
		return errNoFiles
	}
	l.path = args[0]
	s.OnExit(func() {
		if l.file != nil {
			_ = l.file.Close()
		}
	})
	return l.open()
}

func (l *logger) open() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("logger: %w", err)
	}
	if l.file != nil {
		_ = l.file.Close()
	}
	l.file = f
	return nil
}

// Receive implements host.Receiver.
func (l *logger) Receive(s *host.Service, m host.Message) {
	switch {
	case m.Type == host.TypeText && l.file == nil:
		s.Host().WriteLog(m.Source, string(m.Data))
	case m.Type == host.TypeText:
		if _, err := l.file.Write(host.AppendLogLine(nil, time.Now(), m.Source, string(m.Data))); err != nil {
			s.Host().Logf(s.Address(), "logger: %v", err)
		}
	case m.Type == host.TypeSystem && l.path != "":
		if err := l.open(); err != nil {
			s.Host().Logf(s.Address(), "%v", err)
		}
	default:
		s.Refuse(m)
	}
}
