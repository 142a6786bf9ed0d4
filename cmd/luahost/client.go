package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/luahost/luahost/internal/ws"
)

// dialing is the flags of commands that open WebSocket connections.
type dialing struct {
	headers  []string
	insecure bool
	timeout  time.Duration
}

func (d *dialing) flags(f *pflag.FlagSet) {
	f.StringArrayVarP(&d.headers, "header", "H", nil, "add a header \"Name: value\" to the request")
	f.BoolVar(&d.insecure, "insecure", false, "don't verify the server's certificate")
	f.DurationVar(&d.timeout, "timeout", 10*time.Second, "how long connecting may take")
}

func (d *dialing) options() (ws.DialOptions, error) {
	o := ws.DialOptions{
		Limits: ws.Limits{Handshake: d.timeout},
		Header: http.Header{},
		TLS:    &tls.Config{InsecureSkipVerify: d.insecure, MinVersion: tls.VersionTLS12},
	}
	for _, line := range d.headers {
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return o, usageError(fmt.Sprintf("--header %q: want \"Name: value\"", line))
		}
		o.Header.Add(name, strings.TrimSpace(value))
	}
	return o, nil
}

// client is what luahost client is asked for.
type client struct {
	dialing
	binary bool
	ping   time.Duration
	wait   time.Duration
}

func clientCommand() *cobra.Command {
	c := &client{}
	cmd := &cobra.Command{
		Use:   "client URL",
		Short: "Talk to a WebSocket server, line by line",
		Long: "Client sends each line of the standard input as a message, and prints each message that comes: text as it is, binary\n" +
			"in hexadecimal. At the end of the input it closes the connection, when no message has come for a while. It exits 0 when that was closed in good order.",
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			return c.run(ctx, args[0], cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	c.flags(cmd.Flags())
	cmd.Flags().BoolVarP(&c.binary, "binary", "b", false, "send lines as binary messages")
	cmd.Flags().DurationVar(&c.ping, "ping", 0, "send pings so often, and print the pongs")
	cmd.Flags().DurationVar(&c.wait, "wait", 500*time.Millisecond, "how long no message has come when the connection is closed behind the input")
	return cmd
}

func (c *client) run(ctx context.Context, url string, in io.Reader, out, status io.Writer) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	options.Message = ws.MaxMessage
	options.Compression = true
	options.Ping = -1
	screen := &screen{out: out, status: status}
	conn, response, err := ws.Dial(ctx, url, screen, options)
	if err != nil {
		if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
			return fmt.Errorf("%s: the server answers %s", url, response.Status)
		}
		return fmt.Errorf("%s: %w", url, err)
	}
	protocol := ""
	if p := conn.Subprotocol(); p != "" {
		protocol = ", " + p
	}
	screen.note("connected to %s%s", url, protocol)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go c.send(ctx, conn, in, screen)
	if c.ping > 0 {
		go c.pings(ctx, conn)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close(ws.StatusNormal, "") })
	defer stop()
	end := conn.Serve()
	conn.Finish()
	if end.Err != nil || end.Code == ws.StatusLost {
		return fmt.Errorf("connection ended: %d %s", end.Code, end.Reason)
	}
	screen.note("closed: %d %s", end.Code, end.Reason)
	if end.Remote && end.Code != ws.StatusNormal && end.Code != ws.StatusNone && end.Code != ws.StatusGoingAway {
		return exitCode(1)
	}
	return nil
}

// send sends the lines of the input. It may stay behind in reading: the process ends soon after the connection.
func (c *client) send(ctx context.Context, conn *ws.Conn, in io.Reader, s *screen) {
	op := ws.Text
	if c.binary {
		op = ws.Binary
	}
	lines := bufio.NewReader(in)
	for ctx.Err() == nil {
		line, err := lines.ReadString('\n')
		if line != "" {
			line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
			if werr := conn.Write(op, []byte(line)); werr != nil {
				if werr == ws.ErrClosed {
					return
				}
				s.note("not sent: %v", werr)
			}
		}
		if err != nil {
			break
		}
	}
	for last := -1; last != s.count() && ctx.Err() == nil; {
		last = s.count()
		select {
		case <-time.After(c.wait):
		case <-ctx.Done():
		}
	}
	conn.Close(ws.StatusNormal, "")
}

func (c *client) pings(ctx context.Context, conn *ws.Conn) {
	ticks := time.NewTicker(c.ping)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			if conn.Ping(nil) != nil {
				return
			}
		}
	}
}

// screen prints what comes: messages to out, all else to status.
type screen struct {
	mu       sync.Mutex
	out      io.Writer
	status   io.Writer
	messages int
}

func (s *screen) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.status, format+"\n", args...)
}

func (s *screen) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.messages
}

// Message implements ws.Handler.
func (s *screen) Message(_ *ws.Conn, op ws.Opcode, data []byte) (done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages++
	if op == ws.Binary {
		fmt.Fprintf(s.out, "% x\n", data)
	} else {
		fmt.Fprintf(s.out, "%s\n", data)
	}
	return true
}

// Wait, Ping, Pong and Full implement ws.Handler.
func (s *screen) Wait(*ws.Conn)      {}
func (s *screen) Ping(*ws.Conn)      { s.note("ping") }
func (s *screen) Pong(*ws.Conn)      { s.note("pong") }
func (s *screen) Full(*ws.Conn, int) {}
