package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host"
	"github.com/spf13/cobra"
)

// grace is how long services may take to end after a signal before they are interrupted.
const grace = 10 * time.Second

// runFlags are the flags of luahost run.
type runFlags struct {
	env         []string
	path        []string
	servicePath []string
	workers     int
	steps       int64
	deadline    time.Duration
	memory      int64
	reap        time.Duration
	sandbox     bool
	live        liveFlags
}

func runCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [flags] SCRIPT [ARG...]",
		Short: "Start a host with a script as its first service",
		Long: "Start a host with a script as its first service, named like the file without .lua. Other services are looked up\n" +
			"beside it, then on the service path. The host ends when its last service has ended, or at SIGINT or SIGTERM:\n" +
			"then listeners stop, sockets are flushed and closed, and the exit code is 0. Services that don't end within 10 s, as\n" +
			"they are in an endless loop, say, are interrupted; then it is 1. A second signal ends the host at once.",
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return run(c, f, args[0], args[1:])
		},
	}
	flags := c.Flags()
	flags.SetInterspersed(false)
	flags.StringArrayVar(&f.env, "env", nil, "`KEY=VALUE` that skynet.getenv(KEY) gives; may be repeated")
	flags.StringArrayVar(&f.path, "path", nil, "`TEMPLATE` of module files, before those of package.path: lib/?.lua; may be repeated")
	flags.StringArrayVar(&f.servicePath, "service-path", nil, "`TEMPLATE` of service files: service/?.lua; may be repeated")
	flags.IntVar(&f.workers, "workers", 0, "how many services may run at once; 0 means one a processor")
	flags.Int64Var(&f.steps, "max-steps", 0, "calls and loop turns that the handling of one message may take; 0 does not limit")
	flags.DurationVar(&f.deadline, "max-time", 0, "time that the handling of one message may take; 0 does not limit")
	flags.Int64Var(&f.memory, "max-memory", 0, "MiB that the values of one service may take; 0 does not limit")
	flags.DurationVar(&f.reap, "reap-orphans", 0, "end services that have been orphans for this time: an error ended their only task, and their sockets are closed; 0 leaves them")
	flags.BoolVar(&f.sandbox, "sandbox", false, "keep scripts from files, processes and the environment; code is read only from the script's folder and those of --path and --service-path")
	f.live.add(flags, true)
	return c
}

func (f *runFlags) options(c *cobra.Command) ([]host.Option, error) {
	opts := append(all.Options(),
		host.WithOutput(c.OutOrStdout()),
		host.WithStdin(c.InOrStdin()),
		host.WithModulePath(f.path...),
		host.WithServicePath(f.servicePath...),
		host.WithMessageBudget(f.steps, f.deadline),
		host.WithMemoryLimit(f.memory<<20),
		host.WithReapOrphans(f.reap),
	)
	if f.sandbox {
		opts = append(opts, host.WithSandbox())
	}
	if f.workers != 0 {
		opts = append(opts, host.WithWorkers(f.workers))
	}
	for _, e := range f.env {
		key, value, ok := strings.Cut(e, "=")
		if !ok || key == "" {
			return nil, usageError(fmt.Sprintf("--env %s: want KEY=VALUE", e))
		}
		opts = append(opts, host.WithEnv(key, value))
	}
	return opts, nil
}

func run(c *cobra.Command, f runFlags, script string, args []string) error {
	opts, err := f.options(c)
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	changes := &live{liveFlags: f.live, file: script, tell: func(line string) { fmt.Fprintln(out, line) }}
	if changes.hangup && ofTerminal() {
		changes.hangup = false // there the signal says that the terminal is gone
	}
	more, err := changes.options()
	if err != nil {
		return err
	}
	h, err := host.New(append(append(opts, more...), printReloads(out))...)
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	interrupted := make(chan struct{})
	go func() {
		select {
		case <-signals:
			close(interrupted)
			cancel()
		case <-ctx.Done():
		}
	}()
	if _, err = h.Start(ctx, script, args...); err == nil {
		if err = changes.start(h); err == nil {
			select {
			case <-h.Done():
			case <-interrupted:
			}
		}
	}
	changes.stop()
	err = startError(err, interrupted)
	if closed := closeHost(h, signals, c.ErrOrStderr()); closed != nil && err == nil {
		err = closed
	}
	return err
}

// startError leaves out what is no failure: that the user ended the start, and what the log has told.
func startError(err error, interrupted <-chan struct{}) error {
	select {
	case <-interrupted:
		return nil
	default:
		return err
	}
}

// closeHost ends all services. A second signal ends the process at once.
func closeHost(h *host.Host, signals <-chan os.Signal, stderr io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- h.Close(ctx) }()
	hint := time.NewTimer(hintTime)
	defer hint.Stop()
	for {
		select {
		case err := <-closed:
			if errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("services did not end within %v", grace)
			}
			return err
		case <-hint.C:
			fmt.Fprintf(stderr, "luahost: waiting for services to end, at most %v; a second signal ends it at once\n", grace)
		case <-signals:
			fmt.Fprintln(stderr, "luahost: ended by a second signal")
			return exitCode(1)
		}
	}
}

// hintTime is how long ending may take until the user is told what it waits for.
const hintTime = 2 * time.Second
