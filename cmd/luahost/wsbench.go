package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/luahost/luahost/internal/ws"
)

// bench is what luahost bench is asked for.
type bench struct {
	dialing
	connections int
	size        int
	inFlight    int
	duration    time.Duration
	json        bool
}

func benchCommand() *cobra.Command {
	b := &bench{}
	cmd := &cobra.Command{
		Use:   "bench URL",
		Short: "Measure a WebSocket echo server",
		Long: "Bench sends messages to a WebSocket server that echoes them, verifies every echo, and prints the rate and the\n" +
			"times from sending to receiving. It exits 1 when a connection failed or an echo was wrong.",
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := b.check(); err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			return b.run(ctx, args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	b.flags(f)
	f.IntVarP(&b.connections, "connections", "c", 64, "connections")
	f.IntVarP(&b.size, "size", "s", 128, "bytes of a message, 0 to 16777216")
	f.IntVarP(&b.inFlight, "in-flight", "i", 1, "messages that each connection has on the way")
	f.DurationVarP(&b.duration, "duration", "d", 10*time.Second, "how long to send")
	f.BoolVar(&b.json, "json", false, "print the result as JSON")
	return cmd
}

func (b *bench) check() error {
	switch {
	case b.connections < 1 || b.connections > 100000:
		return usageError(fmt.Sprintf("--connections %d: want 1 to 100000", b.connections))
	case b.size < 0 || b.size > 16<<20:
		return usageError(fmt.Sprintf("--size %d: want 0 to %d", b.size, 16<<20))
	case b.inFlight < 1 || b.inFlight > 10000:
		return usageError(fmt.Sprintf("--in-flight %d: want 1 to 10000", b.inFlight))
	case b.duration <= 0:
		return usageError(fmt.Sprintf("--duration %v: want more than 0", b.duration))
	}
	return nil
}

// benchResult is what luahost bench prints with --json. Times are in milliseconds.
type benchResult struct {
	Connections int     `json:"connections"`
	Size        int     `json:"size"`
	InFlight    int     `json:"in_flight"`
	Seconds     float64 `json:"seconds"`
	Messages    int64   `json:"messages"`
	Rate        float64 `json:"messages_per_second"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	P999        float64 `json:"p99_9_ms"`
	Errors      int64   `json:"errors"`
	FirstError  string  `json:"first_error,omitempty"`
}

func (b *bench) run(ctx context.Context, url string, out, progress io.Writer) error {
	l := &load{bench: b, url: url}
	payload := make([]byte, b.size)
	_, _ = rand.Read(payload)
	l.payload = payload
	if err := l.connect(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, b.duration)
	defer cancel()
	begin := time.Now()
	stop := l.progress(progress, begin)
	l.send(ctx)
	stop()
	r := l.result(time.Since(begin))
	if err := r.print(out, b.json); err != nil {
		return err
	}
	if r.Errors > 0 {
		return exitCode(1)
	}
	return nil
}

// load is a run of luahost bench.
type load struct {
	bench    *bench
	url      string
	payload  []byte
	peers    []*peer
	messages atomic.Int64
	errors   atomic.Int64
	first    atomic.Pointer[error]
}

// peer is a connection of luahost bench.
type peer struct {
	load   *load
	conn   *ws.Conn
	sent   chan time.Time // of the messages on the way
	tokens chan struct{}  // has an element for each message that may be sent
	times  []time.Duration
	gone   chan struct{}
	over   atomic.Bool
}

func (l *load) fail(err error) {
	l.errors.Add(1)
	l.first.CompareAndSwap(nil, &err)
}

// connect opens the connections, some at a time.
func (l *load) connect(ctx context.Context) error {
	l.peers = make([]*peer, l.bench.connections)
	next := atomic.Int64{}
	var group sync.WaitGroup
	for range min(32, len(l.peers)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(l.peers); i = int(next.Add(1)) - 1 {
				p := &peer{load: l, gone: make(chan struct{}), sent: make(chan time.Time, l.bench.inFlight), tokens: make(chan struct{}, l.bench.inFlight)}
				options, err := l.bench.options()
				if err == nil {
					options.Message = ws.MaxMessage
					options.Ping = -1
					p.conn, _, err = ws.Dial(ctx, l.url, p, options)
				}
				if err != nil {
					l.fail(err)
					continue
				}
				l.peers[i] = p
				go p.receive()
			}
		})
	}
	group.Wait()
	l.peers = slices.DeleteFunc(l.peers, func(p *peer) bool { return p == nil })
	if len(l.peers) == 0 {
		return fmt.Errorf("%s: %w", l.url, *l.first.Load())
	}
	return nil
}

// send keeps all connections busy until ctx ends, with one message at least, and waits for the last echoes.
func (l *load) send(ctx context.Context) {
	var group sync.WaitGroup
	for _, p := range l.peers {
		group.Go(func() { p.send(ctx) })
	}
	group.Wait()
}

func (p *peer) send(ctx context.Context) {
	for range cap(p.tokens) {
		p.tokens <- struct{}{}
	}
	<-p.tokens
	for p.put() && p.next(ctx) {
	}
	p.drain()
	p.over.Store(true)
	p.conn.Close(ws.StatusNormal, "")
	<-p.gone
}

// put sends a message.
func (p *peer) put() bool {
	p.sent <- time.Now()
	err := p.conn.Write(ws.Binary, p.load.payload)
	if err != nil {
		p.load.fail(err)
	}
	return err == nil
}

// next waits until one more message may be sent.
func (p *peer) next(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case <-p.tokens:
		return true
	case <-p.gone:
	case <-ctx.Done():
	}
	return false
}

// drain waits for the echoes that are on the way.
func (p *peer) drain() {
	patience := time.NewTimer(5 * time.Second)
	defer patience.Stop()
	for len(p.sent) > 0 {
		select {
		case <-p.tokens:
		case <-p.gone:
			return
		case <-patience.C:
			p.load.fail(errors.New("echoes are missing"))
			return
		}
	}
}

func (p *peer) receive() {
	defer close(p.gone)
	end := p.conn.Serve()
	p.conn.Finish()
	if !p.over.Load() {
		p.load.fail(cmp.Or(end.Err, fmt.Errorf("closed by the server: %d %s", end.Code, end.Reason)))
	}
}

// Message implements ws.Handler.
func (p *peer) Message(_ *ws.Conn, op ws.Opcode, data []byte) (done bool) {
	now := time.Now()
	select {
	case begin := <-p.sent:
		p.times = append(p.times, now.Sub(begin))
	default:
		p.load.fail(errors.New("a message that was not sent"))
		return true
	}
	if op != ws.Binary || !bytes.Equal(data, p.load.payload) {
		p.load.fail(errors.New("an echo differs from the message"))
	} else {
		p.load.messages.Add(1)
	}
	p.tokens <- struct{}{}
	return true
}

// Wait, Ping, Pong and Full implement ws.Handler.
func (p *peer) Wait(*ws.Conn)      {}
func (p *peer) Ping(*ws.Conn)      {}
func (p *peer) Pong(*ws.Conn)      {}
func (p *peer) Full(*ws.Conn, int) {}

// progress shows a line once a second, on a terminal.
func (l *load) progress(w io.Writer, begin time.Time) (stop func()) {
	file, ok := w.(*os.File)
	if !ok || !isTerminal(file) {
		return func() {}
	}
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		ticks := time.NewTicker(time.Second)
		defer ticks.Stop()
		last := int64(0)
		for {
			select {
			case <-done:
				fmt.Fprint(w, "\r\x1b[K")
				return
			case <-ticks.C:
				now := l.messages.Load()
				fmt.Fprintf(w, "\r\x1b[K%v: %d messages/s, %d errors", time.Since(begin).Round(time.Second), now-last, l.errors.Load())
				last = now
			}
		}
	})
	return func() {
		close(done)
		group.Wait()
	}
}

func (l *load) result(wall time.Duration) benchResult {
	var times []time.Duration
	for _, p := range l.peers {
		times = append(times, p.times...)
	}
	slices.Sort(times)
	at := func(q float64) float64 {
		if len(times) == 0 {
			return 0
		}
		return float64(times[min(int(q*float64(len(times))), len(times)-1)]) / float64(time.Millisecond)
	}
	r := benchResult{
		Connections: len(l.peers), Size: l.bench.size, InFlight: l.bench.inFlight, Seconds: wall.Seconds(),
		Messages: l.messages.Load(), P50: at(0.5), P99: at(0.99), P999: at(0.999), Errors: l.errors.Load(),
	}
	r.Rate = float64(r.Messages) / r.Seconds
	if err := l.first.Load(); err != nil {
		r.FirstError = (*err).Error()
	}
	return r
}

func (r benchResult) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	_, err := fmt.Fprintf(w, "%d connections, %d bytes, %d in flight, %.1f s\n%.0f messages/s (%d)\np50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms\n%d errors\n",
		r.Connections, r.Size, r.InFlight, r.Seconds, r.Rate, r.Messages, r.P50, r.P99, r.P999, r.Errors)
	if err == nil && r.FirstError != "" {
		_, err = fmt.Fprintf(w, "the first one: %s\n", r.FirstError)
	}
	return err
}
