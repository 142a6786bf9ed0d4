package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/control"
)

// live is what makes the code of a running host changeable: the watcher and the control socket.
type live struct {
	watch   bool
	poll    bool
	socket  string
	out     io.Writer
	color   bool
	server  *control.Server
	cancel  context.CancelFunc
	watcher sync.WaitGroup
}

// option makes the host tell of reloads.
func (l *live) option() host.Option {
	return host.WithOnReload(func(r *host.Reload) {
		if r.Result == host.ReloadUnchanged && len(r.Files) == 0 {
			return
		}
		_, _ = io.WriteString(l.out, r.Text(l.color))
	})
}

// start begins to watch and to listen. That the socket can't be made is told, but stops nothing.
func (l *live) start(h *host.Host) {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	var err error
	if l.server, err = control.Listen(h, l.socket); err != nil {
		hint := ""
		if errors.Is(err, control.ErrInUse) {
			hint = "; give this one its own with --control"
		}
		fmt.Fprintf(l.out, "luahost: no control socket: %v%s\n", err, hint)
	}
	if l.watch {
		started := make(chan struct{})
		l.watcher.Go(func() { h.Watch(ctx, l.poll, func() { close(started) }) })
		<-started
		fmt.Fprintln(l.out, h.WatchLine())
	}
}

func (l *live) stop() {
	if l.cancel == nil {
		return
	}
	l.cancel()
	l.watcher.Wait()
	if l.server != nil {
		_ = l.server.Close()
	}
}

// showsColor reports whether a writer is a terminal that shows colours.
func showsColor(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
