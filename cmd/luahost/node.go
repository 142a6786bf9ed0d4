package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/nodeconfig"
)

// ownModules are written in Lua here and belong to modules written in Go: files of a node don't replace them.
var ownModules = []string{
	"cluster", "multicast", "socketchannel", "skynet.cluster", "skynet.clusterwire", "skynet.coroutine", "skynet.datasheet", "skynet.datasheet.builder", "skynet.debug", "skynet.inject", "skynet.remotedebug", "skynet.multicast", "skynet.require",
	"skynet.sharedata", "skynet.sharetable", "skynet.socketchannel", "snax.gateserver", "sharedata", "sproto", "sprotoloader",
}

// ownServices are what those modules start.
var ownServices = []string{"clusterd", "clusterproxy", "sharedatad"}

// node is a host that a skynet config file describes.
type node struct {
	*host.Host
	config *nodeconfig.Config
	log    *logFile    // nil: standard output
	logger host.Handle // of the service
}

// runNode runs a node until its last service has ended, or a signal ends it.
func runNode(c *cobra.Command, file string, reap time.Duration, f liveFlags) error {
	config, err := nodeconfig.Load(file, os.LookupEnv)
	if err != nil {
		return err
	}
	var background *daemon
	if file, ok := config.Get("daemon"); ok {
		if _, ok := config.Get("logger"); !ok {
			fmt.Fprintln(c.ErrOrStderr(), "luahost: the node runs in the background and the config has no logger: its log is lost")
		}
		var foreground bool
		if background, foreground, err = detach(file); err != nil || foreground {
			return err
		}
		defer background.close()
	}
	n := &node{config: config}
	changes := &live{liveFlags: f, file: file, tell: func(line string) { n.Logf(0, "%s", line) }}
	if err = n.open(c, reap, changes); err != nil {
		background.started(err)
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	failed, err := n.boot()
	if err == nil {
		err = changes.start(n.Host)
	}
	background.started(err)
	if err == nil {
		stop := n.reopenOnSignal()
		defer stop()
		select {
		case <-n.Done():
		case <-signals:
		case err = <-failed:
		}
	}
	changes.stop()
	if closed := closeHost(n.Host, signals, c.ErrOrStderr()); closed != nil && err == nil {
		err = closed
	}
	n.log.close()
	return err
}

// open makes the host.
func (n *node) open(c *cobra.Command, reap time.Duration, changes *live) error {
	opts, err := n.options(c)
	if err != nil {
		return err
	}
	more, err := changes.options()
	if err != nil {
		return err
	}
	n.Host, err = host.New(append(append(opts, host.WithReapOrphans(reap)), more...)...)
	return err
}

// options turns the settings into those of the host.
func (n *node) options(c *cobra.Command) ([]host.Option, error) {
	thread, err := n.config.Int("thread", 1, 1024)
	if err != nil {
		return nil, err
	}
	harbor, err := n.config.Int("harbor", 0, 255)
	if err != nil {
		return nil, err
	}
	opts := append(all.Options(),
		host.WithOutput(c.OutOrStdout()),
		host.WithStdin(c.InOrStdin()),
		host.WithWorkers(thread),
		host.WithAddresses(1, uint8(harbor)),
		host.WithServicePath(n.config.Paths("luaservice")...),
		host.WithModulePath(n.config.Paths("lua_path")...),
		host.WithNativePath(strings.Join(n.config.Paths("lua_cpath"), ";")),
		host.WithOwnModules(ownModules...),
		host.WithOwnServices(ownServices...),
		host.WithReplacements(),
		host.WithProfile(n.config.String("profile") == "true"),
		host.WithPreload(n.config.String("preload")),
		host.WithLoader(n.loader()),
	)
	for key, value := range n.config.Environment() {
		opts = append(opts, host.WithEnv(key, value))
	}
	if file, ok := n.config.Get("logger"); ok && n.config.String("logservice") == "logger" {
		if n.log, err = openLog(file); err != nil {
			return nil, err
		}
		opts = append(opts, host.WithLogTo(n.log))
	}
	return opts, nil
}

// skynetLoader is the file of skynet's own loader, whose work the host does.
const skynetLoader = "lualib/loader.lua"

// loader returns the user's loader, or "".
func (n *node) loader() string {
	file := n.config.String("lualoader")
	if strings.HasSuffix(filepath.ToSlash(file), skynetLoader) {
		return ""
	}
	return file
}

// boot starts the logger and the bootstrap service; the latter starts everything else. failed tells when it could not.
func (n *node) boot() (failed <-chan error, err error) {
	if err := n.startLogger(); err != nil {
		return nil, err
	}
	skynet.WatchServices(n.Host)
	n.LogLaunches()
	n.tellNatives()
	line := strings.Fields(n.config.String("bootstrap"))
	if len(line) < 2 || line[0] != "snlua" {
		return nil, fmt.Errorf("config: bootstrap = %q: want snlua and the name of a service", strings.Join(line, " "))
	}
	outcome := make(chan error, 1)
	_, err = n.Launch(line[1], line[2:], func(_ host.Handle, err error) {
		if err != nil && !errors.Is(err, host.ErrKilled) { // abort kills it, too
			outcome <- fmt.Errorf("the bootstrap service: %w", err)
		}
	})
	return outcome, err
}

// startLogger starts the service that has the first address: skynet's own, or one in Lua that gets the log's lines.
func (n *node) startLogger() error {
	var s *host.Service
	var err error
	switch kind := n.config.String("logservice"); kind {
	case "logger":
		s, err = n.AddService("logger", nil, func(s *host.Service) error {
			s.SetReceiver(logWriter{n})
			return nil
		})
	case "snlua":
		line := strings.Fields(n.config.String("logger"))
		if len(line) == 0 {
			return fmt.Errorf("config: logservice is snlua, but logger names no service")
		}
		ready := make(chan error, 1)
		s, err = n.Launch(line[0], line[1:], func(_ host.Handle, err error) { ready <- err })
		if err == nil {
			n.Register(".logger", s.Address())
			err = <-ready
		}
		if err == nil {
			n.LogBy(s.Address())
		}
	default:
		return fmt.Errorf("config: logservice = %q: want logger or snlua", kind)
	}
	if err != nil {
		return fmt.Errorf("the logger: %w", err)
	}
	n.Register(".logger", s.Address())
	n.logger = s.Address()
	return nil
}

// logWriter writes the text messages that services send to the logger themselves, and opens the log's file anew when it
// is told to by a message of type system.
type logWriter struct{ *node }

// Receive implements host.Receiver.
func (n logWriter) Receive(_ *host.Service, m host.Message) {
	switch {
	case m.Type == host.TypeText:
		n.WriteLog(m.Source, string(m.Data))
	case m.Type == host.TypeSystem && n.log != nil:
		if err := n.log.open(); err != nil {
			n.Logf(0, "%v", err)
		}
	}
}

// natives are the C libraries that skynet comes with, whose modules are written in Go here.
var natives = []string{"skynet", "client", "bson", "cjson", "crypt", "lpeg", "md5", "sproto", "gate", "harbor", "logger", "snlua", "socketdriver",
	"netpack", "profile", "memory", "multicast", "stm", "sharedata", "cluster", "datasheet", "bit32", "mime", "debugchannel"}

// tellNatives says once which C libraries on the paths have no counterpart here.
func (n *node) tellNatives() {
	var missing []string
	for _, t := range append(n.config.Paths("lua_cpath"), n.config.Paths("cpath")...) {
		files, _ := filepath.Glob(strings.ReplaceAll(t, "?", "*"))
		for _, f := range files {
			name := strings.TrimSuffix(filepath.Base(f), filepath.Ext(f))
			if !slices.Contains(natives, name) && !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
	}
	if len(missing) > 0 {
		n.Logf(0, "C libraries can't be loaded, and these have no counterpart written in Go: %s", strings.Join(missing, ", "))
	}
}

// logFile is the file that the log is written to. It can be opened anew, so that others can move it away.
type logFile struct {
	path string
	mu   sync.Mutex
	file *os.File
}

func openLog(path string) (*logFile, error) {
	l := &logFile{path: path}
	return l, l.open()
}

func (l *logFile) open() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("the log: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close()
	}
	l.file = f
	return nil
}

// Write implements io.Writer.
func (l *logFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Write(b)
}

func (l *logFile) close() {
	if l != nil {
		l.file.Close()
	}
}

// reopenOnSignal tells the logger of each SIGHUP, where there is that signal, by a message of type system. The log's file
// is opened anew.
func (n *node) reopenOnSignal() (stop func()) {
	hangup := make(chan os.Signal, 1)
	notifyHangup(hangup)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for {
			select {
			case <-hangup:
				n.Post(n.logger, host.Message{Type: host.TypeSystem})
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		signal.Stop(hangup)
		cancel()
	}
}
