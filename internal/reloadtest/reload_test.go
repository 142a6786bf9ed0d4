// Package reloadtest shows that connections live through reloads, with the real bindings and the scripts that come with the host.
package reloadtest

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/bindings/socket"
	gws "github.com/luahost/luahost/bindings/websocket"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/testlog"
	"github.com/luahost/luahost/lualib"
	"github.com/luahost/luahost/vm"
)

// server is a host that runs copies of scripts in a folder.
type server struct {
	t    testing.TB
	h    *host.Host
	dir  string
	out  *testlog.Log
	addr string
}

// mimeModule is as much of mime.core as the handshake needs.
func mimeModule() host.Module {
	return host.Module{Name: "mime.core", Open: func(s *host.Service) (vm.Value, error) {
		t := s.State().NewTable(0, 1)
		t.SetString("b64", vm.Function("mime.b64", func(c *vm.Call) error {
			return c.Return(vm.String(base64.StdEncoding.EncodeToString([]byte(c.CheckString(1)))))
		}))
		return t.Value(), nil
	}}
}

var listening = regexp.MustCompile(`listening on (?:ws://)?(\S+)`)

func serve(t testing.TB, script string, others ...string) *server {
	t.Helper()
	s := &server{t: t, dir: t.TempDir(), out: &testlog.Log{}}
	for _, name := range append(others, script) {
		b, err := os.ReadFile(filepath.Join("..", "..", "scripts", name))
		if err != nil {
			t.Fatal(err)
		}
		s.write(name, string(b))
	}
	options := []host.Option{host.WithOutput(s.out), host.WithLibrary(lualib.FS)}
	options = append(options, host.WithModule(skynet.Modules()...), host.WithModule(socket.Modules()...), host.WithModule(gws.Modules()...))
	options = append(options, host.WithModule(mimeModule()))
	h, err := host.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	s.h = h
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		h.Close(ctx)
	})
	if _, err := h.Start(context.Background(), filepath.Join(s.dir, script), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if m := listening.FindStringSubmatch(s.out.String()); m != nil {
			s.addr = m[1]
			return s
		}
	}
	t.Fatalf("no server:\n%s", s.out)
	return nil
}

func (s *server) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) read(name string) string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

func (s *server) reload() *host.Reload {
	s.t.Helper()
	r, err := s.h.Reload(context.Background(), host.ReloadOptions{Wait: patience, LoadTime: patience})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *server) dial() *websocket.Conn {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/", nil)
	if err != nil {
		s.t.Fatalf("%v\n%s", err, s.out)
	}
	return c
}

func exchange(ctx context.Context, c *websocket.Conn, text string) (string, error) {
	if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		return "", err
	}
	_, b, err := c.Read(ctx)
	return string(b), err
}

// A connection that is open answers differently when the agent's script is edited.
func TestOpenConnectionGetsNewCode(t *testing.T) {
	s := serve(t, "wsserver.lua", "wsagent.lua")
	c := s.dial()
	defer c.CloseNow()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if got, err := exchange(ctx, c, "hello"); got != "hello" || err != nil {
		t.Fatalf("%q, %v\n%s", got, err, s.out)
	}
	s.write("wsagent.lua", strings.Replace(s.read("wsagent.lua"), "send(client, data, opcode)\nend\n\n-- The connection", "send(client, data:upper() .. client.messages, opcode)\nend\n\n-- The connection", 1))
	r := s.reload()
	if r.Result != host.ReloadOK || r.Services != 1 || len(r.Advice)+len(r.Warnings)+len(r.Conflicts)+len(r.Stuck) != 0 {
		t.Fatalf("%s\n%s", r.Text(false), s.out)
	}
	if got, err := exchange(ctx, c, "hello"); got != "HELLO2" || err != nil {
		t.Errorf("%q, %v\n%s", got, err, s.out)
	}
	s.write("wsagent.lua", "local x = = 1\n"+s.read("wsagent.lua"))
	if r := s.reload(); r.Result != host.ReloadRejected {
		t.Errorf("%s", r.Text(false))
	}
	other := s.dial()
	defer other.CloseNow()
	for i, c := range []*websocket.Conn{c, other} {
		if got, err := exchange(ctx, c, "x"); got != fmt.Sprintf("X%d", 3-2*i) || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

// A library module that the agents share, with hundreds of connections and traffic both ways.
func TestTrafficDuringReloads(t *testing.T) {
	for _, test := range []struct {
		name, script, edited string
		others               []string
		connections          int
		old, new             string
	}{
		{"agents", "wsserver.lua", "wsagent.lua", []string{"wsagent.lua"}, 200,
			"	send(client, data, opcode)\nend\n\n-- The connection", "	send(client, data .. \"|%d\", opcode)\nend\n\n-- The connection"},
		{"gws", "wsecho.lua", "wsecho.lua", nil, 500,
			"	websocket.write(id, message, op)\n", "	websocket.write(id, message .. \"|%d\", op)\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			connections, reloads := test.connections, 200
			if testing.Short() {
				connections, reloads = connections/10, 20
			}
			s := serve(t, test.script, test.others...)
			original := s.read(test.edited)
			if !strings.Contains(original, test.old) {
				t.Fatal("the script is not as expected")
			}
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute) // a busy machine, and the race detector
			defer cancel()
			var stop atomic.Bool
			var messages atomic.Int64
			var clients sync.WaitGroup
			failures := make(chan error, connections)
			for i := range connections {
				c := s.dial()
				clients.Go(func() {
					defer c.CloseNow()
					if err := converse(ctx, c, i, &stop, &messages); err != nil {
						failures <- err
					}
				})
			}
			heap := map[int]uint64{}
			ok, rejected := 0, 0
			for n := range reloads {
				text := strings.Replace(original, test.old, fmt.Sprintf(test.new, n), 1)
				if n%10 == 9 {
					text = strings.Replace(text, "local skynet", "local = skynet", 1)
				}
				s.write(test.edited, text)
				switch r := s.reload(); r.Result {
				case host.ReloadOK:
					ok++
				case host.ReloadRejected:
					rejected++
					if n%10 != 9 {
						t.Errorf("reload %d: %s", n, r.Text(false))
					}
				default:
					t.Errorf("reload %d: %s", n, r.Text(false))
				}
				if n == reloads/10 || n == reloads-2 {
					heap[n] = liveHeap()
				}
			}
			stop.Store(true)
			clients.Wait()
			close(failures)
			for err := range failures {
				t.Error(err)
			}
			if rejected != reloads/10 || ok != reloads-rejected {
				t.Errorf("%d ok, %d rejected of %d", ok, rejected, reloads)
			}
			t.Logf("%d messages over %d connections during %d reloads; heap %v", messages.Load(), connections, reloads, heap)
			if before, after := heap[reloads/10], heap[reloads-2]; float64(after) > 1.2*float64(before)+4<<20 {
				t.Errorf("the heap grew from %d to %d bytes", before, after)
			}
		})
	}
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// converse sends numbered messages, a few ahead, and requires each answer in its turn.
func converse(ctx context.Context, c *websocket.Conn, id int, stop *atomic.Bool, messages *atomic.Int64) error {
	const ahead = 3
	var sent, got int
	last := -1
	for !stop.Load() || got < sent {
		for sent < got+ahead && !stop.Load() {
			if err := c.Write(ctx, websocket.MessageText, []byte(fmt.Sprintf("%d:%d", id, sent))); err != nil {
				return fmt.Errorf("connection %d, sending %d: %w", id, sent, err)
			}
			sent++
		}
		_, b, err := c.Read(ctx)
		if err != nil {
			return fmt.Errorf("connection %d, waiting for %d: %w", id, got, err)
		}
		text, version, _ := strings.Cut(string(b), "|")
		if text != fmt.Sprintf("%d:%d", id, got) {
			return fmt.Errorf("connection %d: %q in the place of message %d", id, b, got)
		}
		var v int
		fmt.Sscan(version, &v)
		if v < last {
			return fmt.Errorf("connection %d: an answer of version %d after one of version %d", id, v, last)
		}
		last = v
		got++
		messages.Add(1)
		time.Sleep(5 * time.Millisecond)
	}
	return c.Close(websocket.StatusNormalClosure, "")
}
