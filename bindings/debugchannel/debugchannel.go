// Package debugchannel implements skynet.debugchannel: the lines that debug_console sends to a service that is being
// debugged.
package debugchannel

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
)

// Modules returns the module.
func Modules() []host.Module {
	m := module.New("skynet.debugchannel", "Lines of text from one service to another one.").
		Func("create() -> channel: channel, handle: integer", create, "Makes a channel; the handle is for connect, in another service.").
		Func("connect(handle: integer) -> channel: channel", connect, "Returns the channel of a handle.")
	module.Type[Channel](m, "channel", "Lines on their way. It ends with either of its services.").
		Method("write(line)", (*Channel).write, "Sends a line.").
		Method("read(seconds?) -> line, open", (*Channel).read,
			"Waits for a line, for as long as seconds says; then line is nil. open is false when no more lines can come.").
		OnClose((*Channel).end)
	return m.Modules()
}

// maxUnread is how many lines may wait.
const maxUnread = 256

// Channel is lines on their way.
type Channel struct {
	lines chan string
	over  chan struct{}
	once  sync.Once
}

// channels are those of a host, by handle.
type channels struct {
	mu   sync.Mutex
	last int
	open map[int]*Channel
}

type channelsKey struct{}

func channelsOf(s *host.Service) *channels {
	return s.Host().Local(channelsKey{}, func() any { return &channels{open: map[int]*Channel{}} }).(*channels)
}

func create(s *host.Service) (*Channel, int) {
	all := channelsOf(s)
	c := &Channel{lines: make(chan string, maxUnread), over: make(chan struct{})}
	all.mu.Lock()
	defer all.mu.Unlock()
	all.last++
	handle := all.last
	all.open[handle] = c
	s.OnExit(func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		delete(all.open, handle)
	})
	return c, handle
}

func connect(s *host.Service, handle int) (*Channel, error) {
	all := channelsOf(s)
	all.mu.Lock()
	defer all.mu.Unlock()
	if c := all.open[handle]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("there is no channel %d", handle)
}

func (c *Channel) write(line string) error {
	select {
	case <-c.over:
		return errors.New("nobody reads the channel any more")
	default:
	}
	select {
	case c.lines <- line:
		return nil
	default:
		return fmt.Errorf("%d lines wait to be read", maxUnread)
	}
}

func (c *Channel) read(ctx context.Context, wait time.Duration) (line *string, open bool) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case text := <-c.lines:
		return &text, true
	default:
	}
	select {
	case text := <-c.lines:
		return &text, true
	case <-timer.C:
		return nil, true
	case <-c.over:
	case <-ctx.Done():
	}
	return nil, false
}

func (c *Channel) end() { c.once.Do(func() { close(c.over) }) }
