package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/control"
	"github.com/spf13/pflag"
)

// liveFlags say how the code of a running host may change, and who may look at it.
type liveFlags struct {
	watch    bool
	poll     bool
	strict   bool
	hangup   bool
	control  string
	metrics  string
	rollback host.AutoRollback
}

// add defines the flags. always tells whether changes are applied unasked: when a file is saved, and at SIGHUP.
func (l *liveFlags) add(flags *pflag.FlagSet, always bool) {
	flags.BoolVar(&l.watch, "watch", always, "reload scripts when their files change")
	flags.BoolVar(&l.poll, "poll", false, "look at the files now and then instead of waiting for the system's events")
	flags.BoolVar(&l.strict, "strict", false, "reject reloads with code that reads globals which nothing defines")
	flags.BoolVar(&l.hangup, "reload-on-hangup", always, "reload what has changed at SIGHUP")
	flags.StringVar(&l.control, "control", "", "`SOCKET` that luahost reload talks to (default: one of this directory, and one of the file that is run)")
	flags.StringVar(&l.metrics, "metrics", "", "`ADDRESS` of this machine itself, as 127.0.0.1:9090, where http://ADDRESS/metrics is served for Prometheus")
	flags.Float64Var(&l.rollback.Rate, "auto-rollback", 0,
		"take a reload back when more than this part, from 0 to 1, of the calls of functions that it changed raise an error; 0 never does")
	flags.IntVar(&l.rollback.Calls, "auto-rollback-calls", 20, "`CALLS` of which --auto-rollback takes the part")
	flags.DurationVar(&l.rollback.Time, "auto-rollback-time", time.Minute, "`TIME` after a reload for which --auto-rollback looks")
}

// live is what makes the code of a running host changeable: the watcher, the control socket, SIGHUP.
type live struct {
	liveFlags
	file    string            // that is run
	tell    func(line string) // what becomes of it
	servers []*control.Server
	numbers *metricsServer
	cancel  context.CancelFunc
	group   sync.WaitGroup
}

// options are those of the host that l will serve.
func (l *live) options() ([]host.Option, error) {
	opts := []host.Option{host.WithAutoRollback(l.rollback)}
	if l.strict {
		opts = append(opts, host.WithStrictReload())
	}
	return opts, checkMetrics(l.metrics)
}

// printReloads makes the host print its reports of reloads for people.
func printReloads(out io.Writer) host.Option {
	color := showsColor(out)
	var rejected atomic.Bool // what was saved last
	return host.WithOnReload(func(r *host.Reload) {
		text := r.Text(color)
		if r.Result == host.ReloadUnchanged && len(r.Files) == 0 {
			if !rejected.Load() || r.DryRun {
				return
			}
			text = "reload: what is saved is what runs, again\n"
		}
		if !r.DryRun {
			rejected.Store(r.Result == host.ReloadRejected)
		}
		_, _ = io.WriteString(out, text)
	})
}

// start begins to watch and to listen. That the control socket can't be made is told, but stops nothing.
func (l *live) start(h *host.Host) error {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	if l.metrics != "" {
		var err error
		if l.numbers, err = serveMetrics(h, l.metrics); err != nil {
			return err
		}
	}
	if err := l.listen(h); err != nil {
		l.tell(fmt.Sprintf("luahost: no control socket: %v", err))
	}
	if l.watch {
		started := make(chan struct{})
		l.group.Go(func() { h.Watch(ctx, l.poll, func() { close(started) }) })
		<-started
		l.tell(h.WatchLine())
	}
	if l.hangup {
		l.group.Go(func() { reloadAtHangup(ctx, h) })
	}
	return nil
}

// listen makes the control sockets. That of the directory belongs to the first host there; each is also reached by its file.
func (l *live) listen(h *host.Host) error {
	paths := []string{l.control}
	if l.control == "" {
		paths = []string{control.DefaultPath("."), control.DefaultPath(l.file)}
	}
	var last error
	for _, path := range paths {
		s, err := control.Listen(h, path)
		if err != nil {
			last = err
			continue
		}
		l.servers = append(l.servers, s)
	}
	switch {
	case len(l.servers) > 0:
		return nil
	case errors.Is(last, control.ErrInUse):
		return fmt.Errorf("%w; give this one its own with --control", last)
	}
	return last
}

func (l *live) stop() {
	if l.cancel == nil {
		return
	}
	l.cancel()
	l.group.Wait()
	for _, s := range l.servers {
		_ = s.Close()
	}
	l.numbers.close()
}

// reloadAtHangup reloads what has changed at each SIGHUP, where there is that signal.
func reloadAtHangup(ctx context.Context, h *host.Host) {
	hangup := make(chan os.Signal, 1)
	notifyHangup(hangup)
	defer signal.Stop(hangup)
	for {
		select {
		case <-hangup:
			_, _ = h.Reload(ctx, host.ReloadOptions{})
		case <-ctx.Done():
			return
		}
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
