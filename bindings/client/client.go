// Package client implements skynet's module client.socket (older: clientsocket): sockets for plain programs, such as
// the clients that come with skynet's examples.
//
//	connect(host, port)   fd; raises an error when nobody listens
//	send(fd, text)        waits until all is sent
//	recv(fd)              the bytes that have come | nil when there are none | "" when the peer has ended
//	shutdown(fd [, how])  no more is sent ("w", the default is both ways) or received ("r")
//	close(fd)
//	usleep(microseconds)
//	readstdin()           a line of standard input, without its end | nil when there is none
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
	"github.com/luahost/luahost/vm"
)

// Names are those under which scripts know the module.
func Names() []string { return []string{"client.socket", "clientsocket"} }

// Modules returns the module, for services.
func Modules() []host.Module {
	var modules []host.Module
	for _, name := range Names() {
		modules = append(modules, host.Module{Name: name, Open: func(s *host.Service) (vm.Value, error) {
			v, end := Open(s.State(), s.Host().Stdin())
			s.OnExit(end)
			return v, nil
		}})
	}
	return modules
}

// sockets are the connections of a state.
type sockets struct {
	last int
	open map[int]*connection
	in   lines
}

// firstFD is the number of the first connection: those below are taken in any process.
const firstFD = 3

// Open makes the module in a state; end closes what scripts left open.
func Open(state *vm.State, stdin io.Reader) (module vm.Value, end func()) {
	s := &sockets{last: firstFD - 1, open: map[int]*connection{}, in: lines{from: stdin}}
	t := state.NewTable(0, 8)
	for name, f := range map[string]vm.Func{
		"connect": s.connect, "send": s.send, "recv": s.receive, "close": s.close, "shutdown": s.shutdown,
		"usleep": sleep, "readstdin": s.readStdin,
	} {
		t.SetString(name, vm.Function("socket."+name, f))
	}
	return t.Value(), s.closeAll
}

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
	how := c.OptString(2, "rw")
	if strings.Contains(how, "w") {
		err = conn.CloseWrite()
	}
	if err == nil && strings.Contains(how, "r") {
		err = conn.CloseRead()
	}
	return err
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
