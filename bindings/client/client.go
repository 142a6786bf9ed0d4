// Package client implements skynet's module client.socket (older: clientsocket): sockets for plain programs, such as
// the clients that come with skynet's examples.
package client

import (
	"bufio"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Names are those under which scripts know the module.
func Names() []string { return []string{"client.socket", "clientsocket"} }

// Modules returns the module, for services.
func Modules() []host.Module {
	m := newModule()
	m.OnOpen(func(s *host.Service, _ *vm.Table) error {
		s.OnExit(use(s.State(), s.Host().Stdin()))
		return nil
	})
	return m.Modules(Names()[1:]...)
}

func newModule() *module.Module {
	bind := func(f func(*sockets, *vm.Call) error) vm.Func {
		return func(c *vm.Call) error { return f(socketsOf(c.State()), c) }
	}
	return module.New(Names()[0], "Sockets for plain programs, such as the clients that come with skynet's examples. Sending blocks all of the program.").
		Func("connect(host: string, port: integer) -> fd: integer", bind((*sockets).connect), "Connects; it is an error when nobody listens.").
		Func("send(fd: integer, text: string)", bind((*sockets).send), "Sends a text, and waits until that is done.").
		Func("recv(fd: integer) -> text: string?", bind((*sockets).receive),
			"Returns the bytes that have come, nil when there are none, \"\" when the peer has ended.").
		Func(`shutdown(fd: integer, how?: "r"|"w"|"rw")`, bind((*sockets).shutdown), "Ends one direction, or both.").
		Func("close(fd: integer)", bind((*sockets).close), "Closes a connection.").
		Func("usleep(microseconds: integer)", sleep, "Blocks the program.").
		Func("readstdin() -> line: string?", bind((*sockets).readStdin), "Returns a line of the standard input, without its end; nil when there is none.")
}

// socketsKey is the field of a state's registry that holds its sockets.
const socketsKey = "client.socket"

func socketsOf(state *vm.State) *sockets {
	u, _ := state.Registry().GetString(socketsKey).AsUserdata()
	return u.Data.(*sockets)
}

// use gives a state its sockets; end closes what scripts left open.
func use(state *vm.State, stdin io.Reader) (end func()) {
	s := &sockets{last: firstFD - 1, open: map[int]*connection{}, in: lines{from: stdin}}
	state.Registry().SetString(socketsKey, vm.NewUserdata(s, nil).Value())
	return s.closeAll
}

// Open makes the module in a plain state; end closes what scripts left open.
func Open(state *vm.State, stdin io.Reader) (table vm.Value, end func()) {
	end = use(state, stdin)
	return newModule().Table(state).Value(), end
}

// sockets are the connections of a state.
type sockets struct {
	last int
	open map[int]*connection
	in   lines
}

// firstFD is the number of the first connection: those below are taken in any process.
const firstFD = 3

func (s *sockets) closeAll() {
	for _, c := range s.open {
		c.Close()
	}
	clear(s.open)
}

// connection is a socket and what was received from it.
type connection struct {
	*net.TCPConn
	received chan []byte // closed at the end
}

const (
	// connectTime is how long connect waits.
	connectTime = 10 * time.Second
	// received bytes wait in so many pieces of this size before no more are read.
	pieceSize = 4096
	pieces    = 16
)

func (c *connection) read() {
	defer close(c.received)
	for {
		b := make([]byte, pieceSize)
		n, err := c.Read(b)
		if n > 0 {
			c.received <- b[:n]
		}
		if err != nil {
			return
		}
	}
}

func (s *sockets) connect(c *vm.Call) error {
	address := net.JoinHostPort(c.CheckString(1), strconv.Itoa(c.CheckInt(2)))
	n, err := net.DialTimeout("tcp", address, connectTime)
	if err != nil {
		return c.Errorf("Connect %s failed: %v", address, err)
	}
	s.last++
	conn := &connection{TCPConn: n.(*net.TCPConn), received: make(chan []byte, pieces)}
	s.open[s.last] = conn
	go conn.read()
	return c.Return(vm.Int(s.last))
}

// find returns the connection of argument 1.
func (s *sockets) find(c *vm.Call) (*connection, error) {
	fd := c.CheckInt(1)
	if conn := s.open[fd]; conn != nil {
		return conn, nil
	}
	return nil, c.Errorf("socket error: no socket %d", fd)
}

func (s *sockets) send(c *vm.Call) error {
	conn, err := s.find(c)
	if err != nil {
		return err
	}
	if _, err := conn.Write([]byte(c.CheckString(2))); err != nil {
		return c.Errorf("socket error: %v", err)
	}
	return nil
}

func (s *sockets) receive(c *vm.Call) error {
	conn, err := s.find(c)
	if err != nil {
		return err
	}
	select {
	case b := <-conn.received: // nil at the end
		return c.Return(c.State().NewString(string(b)))
	default:
		return c.Return(vm.Nil())
	}
}

// close closes a connection; what the reader still brings is dropped.
func (s *sockets) close(c *vm.Call) error {
	fd := c.CheckInt(1)
	if conn := s.open[fd]; conn != nil {
		delete(s.open, fd)
		conn.Close()
		go func() {
			for range conn.received {
			}
		}()
	}
	return nil
}

func (s *sockets) shutdown(c *vm.Call) error {
	conn, err := s.find(c)
	if err != nil {
		return err
	}
	// An error means that the peer has ended the connection before.
	how := c.OptString(2, "rw")
	if strings.Contains(how, "w") {
		_ = conn.CloseWrite()
	}
	if strings.Contains(how, "r") {
		_ = conn.CloseRead()
	}
	return nil
}

func sleep(c *vm.Call) error {
	time.Sleep(time.Duration(c.CheckInt(1)) * time.Microsecond)
	return nil
}

// lines reads a stream by lines, without waiting for them.
type lines struct {
	from io.Reader
	once sync.Once
	read chan string
}

// waitingLines is how many lines wait to be read before no more are taken.
const waitingLines = 1024

func (l *lines) start() {
	from := l.from
	if from == nil {
		from = os.Stdin
	}
	l.read = make(chan string, waitingLines)
	go func() {
		defer close(l.read)
		r := bufio.NewReader(from)
		for {
			line, err := r.ReadString('\n')
			if line != "" {
				l.read <- strings.TrimRight(line, "\r\n")
			}
			if err != nil {
				return
			}
		}
	}()
}

func (s *sockets) readStdin(c *vm.Call) error {
	s.in.once.Do(s.in.start)
	select {
	case line, ok := <-s.in.read:
		if ok {
			return c.Return(c.State().NewString(line))
		}
	default:
	}
	return c.Return(vm.Nil())
}
