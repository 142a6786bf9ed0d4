package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/lxzan/gws"
	lua "github.com/yuin/gopher-lua"
)

// serve runs one of the servers written in Go: serve KIND ADDRESS.
func serve(kind string, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("serve %s: an address expected", kind)
	}
	var handler gws.Event
	switch kind {
	case "gws":
		handler = &echo{}
	case "broadcast":
		handler = &broadcast{conns: map[*gws.Conn]struct{}{}}
	case "gopher-lua":
		handler = newScripted()
	default:
		return fmt.Errorf("no server %q", kind)
	}
	upgrader := gws.NewUpgrader(handler, &gws.ServerOption{CheckUtf8Enabled: true})
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		go conn.ReadLoop()
	}))
}

// echo is gws as its manual uses it.
type echo struct{ gws.BuiltinEventHandler }

func (*echo) OnMessage(c *gws.Conn, m *gws.Message) {
	_ = c.WriteMessage(m.Opcode, m.Bytes())
	_ = m.Close()
}

type broadcast struct {
	gws.BuiltinEventHandler
	mu    sync.Mutex
	conns map[*gws.Conn]struct{}
}

func (b *broadcast) OnOpen(c *gws.Conn) {
	b.mu.Lock()
	b.conns[c] = struct{}{}
	b.mu.Unlock()
}

func (b *broadcast) OnClose(c *gws.Conn, _ error) {
	b.mu.Lock()
	delete(b.conns, c)
	b.mu.Unlock()
}

func (b *broadcast) OnMessage(c *gws.Conn, m *gws.Message) {
	data := append([]byte(nil), m.Bytes()...)
	_ = m.Close()
	news := gws.NewBroadcaster(m.Opcode, data)
	b.mu.Lock()
	for c := range b.conns {
		_ = news.Broadcast(c, nil)
	}
	b.mu.Unlock()
	_ = news.Close()
}

// scripted hands each message to a function in gopher-lua, under a lock: what one would write by hand.
type scripted struct {
	gws.BuiltinEventHandler
	mu      sync.Mutex
	state   *lua.LState
	handler lua.LValue
	conn    *gws.Conn
	opcode  gws.Opcode
}

func newScripted() *scripted {
	s := &scripted{state: lua.NewState()}
	s.state.SetGlobal("write", s.state.NewFunction(func(l *lua.LState) int {
		_ = s.conn.WriteMessage(s.opcode, []byte(l.CheckString(1)))
		return 0
	}))
	if err := s.state.DoString(`function message(text) write(text) end`); err != nil {
		panic(err)
	}
	s.handler = s.state.GetGlobal("message")
	return s
}

func (s *scripted) OnMessage(c *gws.Conn, m *gws.Message) {
	text := lua.LString(m.Bytes())
	s.mu.Lock()
	s.conn, s.opcode = c, m.Opcode
	_ = s.state.CallByParam(lua.P{Fn: s.handler}, text)
	s.mu.Unlock()
	_ = m.Close()
}
