package skynet

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/luahost/luahost/bindings/internal/socketmessage"
	"github.com/luahost/luahost/host"
)

// messageLog is the file that the messages of one service are written to as they are handled, as skynet does between LOGON
// and LOGOFF: a line each, ":source type session time bytes", in the folder that the setting logpath names.
type messageLog struct {
	host *host.Host
	mu   sync.Mutex
	file *os.File // nil when it is closed
}

// logMessages begins to log the messages of a service. Without the setting logpath it does nothing.
func logMessages(h *host.Host, a host.Handle) {
	dir, ok := h.Getenv("logpath")
	s := h.Service(a)
	if !ok || s == nil || s.MessagesLogged() {
		return
	}
	path := dir + string(filepath.Separator) + fmt.Sprintf("%08x.log", uint32(a))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		h.Logf(a, "Open log file %s fail", path)
		return
	}
	h.Logf(a, "Open log file %s", path)
	fmt.Fprintf(f, "open time: %d %s\n", h.Now(), h.StartTime().Add(time.Duration(h.Now())*10*time.Millisecond).Format(time.ANSIC))
	l := &messageLog{host: h, file: f}
	s.SetMessageLog(l.write, l.end)
}

// stopLog ends the log of a service's messages.
func stopLog(h *host.Host, a host.Handle) {
	if s := h.Service(a); s != nil {
		s.SetMessageLog(nil, nil)
	}
}

func (l *messageLog) write(m host.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return
	}
	if m.Type == host.TypeSocket {
		if s, ok := socketmessage.Decode(m.Data); ok {
			l.writeSocket(s)
			return
		}
	}
	fmt.Fprintf(l.file, ":%08x %d %d %d %x\n", uint32(m.Source), m.Type, m.Session, uint32(l.host.Now()), m.Data)
}

func (l *messageLog) writeSocket(m socketmessage.Message) {
	fmt.Fprintf(l.file, "[socket] %d %d %d ", m.Kind, m.ID, m.Number)
	if m.Kind == socketmessage.Data || m.Kind == socketmessage.UDP {
		fmt.Fprintf(l.file, "%x\n", m.Payload)
	} else {
		fmt.Fprintf(l.file, "[%s]\n", m.Payload)
	}
}

// end is called when the log is turned off, or the service has ended.
func (l *messageLog) end(a host.Handle) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return
	}
	l.host.Logf(a, "Close log file %s", a)
	fmt.Fprintf(l.file, "close time: %d\n", uint32(l.host.Now()))
	_ = l.file.Close()
	l.file = nil
}
