package log

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/luahost/luahost/host"
)

// Use has the services of a host write to a handler instead of the host's log. Records get the attributes service, its
// name, and address. Services that have required the module before keep the handler that they have.
func Use(h *host.Host, handler slog.Handler) { chosenOf(h).Store(&handler) }

type chosen = atomic.Pointer[slog.Handler]

type chosenKey struct{}

func chosenOf(h *host.Host) *chosen {
	return h.Local(chosenKey{}, func() any { return new(chosen) }).(*chosen)
}

func handlerOf(s *host.Service) slog.Handler {
	if h := chosenOf(s.Host()).Load(); h != nil {
		return (*h).WithAttrs([]slog.Attr{slog.String("service", s.Name()), slog.String("address", s.Address().String())})
	}
	out := &lines{service: s}
	return &lineHandler{slog.NewTextHandler(&out.text, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: dropTime}), out}
}

// dropTime leaves the time to the host's log.
func dropTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// lines is what the handlers of a service share: the text of the record at hand, which becomes a line of the log.
type lines struct {
	service *host.Service
	mu      sync.Mutex
	text    bytes.Buffer
}

// lineHandler writes records as lines of the host's log, as slog's TextHandler does.
type lineHandler struct {
	slog.Handler
	out *lines
}

// Handle writes a record.
func (h *lineHandler) Handle(ctx context.Context, r slog.Record) error {
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	h.out.text.Reset()
	if err := h.Handler.Handle(ctx, r); err != nil {
		return err
	}
	line := bytes.TrimSuffix(h.out.text.Bytes(), []byte("\n"))
	h.out.service.Host().Log(h.out.service.Address(), string(line))
	return nil
}

// WithAttrs returns a handler that adds attributes to each record.
func (h *lineHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &lineHandler{h.Handler.WithAttrs(attrs), h.out}
}

// WithGroup returns a handler that puts the attributes of each record into a group.
func (h *lineHandler) WithGroup(name string) slog.Handler {
	return &lineHandler{h.Handler.WithGroup(name), h.out}
}
