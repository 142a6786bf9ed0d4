// Package control lets another process of the same user steer a running host: over a Unix socket that only that user
// may open, by one JSON request and one JSON answer a connection.
package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/luahost/luahost/host"
)

// Request is what a client asks.
type Request struct {
	Command    string             `json:"command"` // "reload", "status", "history", "rollback", "why", "watch"
	Reload     host.ReloadOptions `json:"reload"`
	Generation int                `json:"generation,omitempty"` // for rollback; 0: the one before
	Module     string             `json:"module,omitempty"`     // for why
}

// Answer is what the host says. Error is set when the request could not be carried out.
type Answer struct {
	Error   string                    `json:"error,omitempty"`
	Reload  *host.Reload              `json:"reload,omitempty"`
	Text    string                    `json:"text,omitempty"` // the reload's report for people
	Status  *host.ReloadStatus        `json:"status,omitempty"`
	History []host.Generation         `json:"history,omitempty"`
	Why     map[string]host.Importers `json:"why,omitempty"`
}

const (
	maxRequest  = 1 << 20 // bytes
	requestTime = 5 * time.Second
	answerTime  = time.Minute
	maxClients  = 16
)

// ErrInUse is the error of a socket that a running process serves.
var ErrInUse = errors.New("another process serves this control socket")

// DefaultPath names the socket of the host that was started in a directory.
func DefaultPath(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	sum := sha256.Sum256([]byte(abs))
	return filepath.Join(socketDir(), hex.EncodeToString(sum[:8])+".sock")
}

func socketDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "luahost")
	}
	return filepath.Join(os.TempDir(), "luahost-"+strconv.Itoa(os.Getuid()))
}

// Server serves requests until it is closed.
type Server struct {
	host     *host.Host
	path     string
	listener net.Listener
	group    sync.WaitGroup
	ctx      context.Context
	cancel   context.CancelFunc
}

// Listen makes the socket and serves it. The default path's folder is made if need be, for this user alone.
//
// # Errors
//
// ErrInUse, or those of the file system: the path is too long for a socket (about 100 bytes), the folder is missing or
// belongs to somebody else.
func Listen(h *host.Host, path string) (*Server, error) {
	if dir := filepath.Dir(path); dir == socketDir() {
		if err := privateDir(dir); err != nil {
			return nil, err
		}
	}
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		conn.Close()
		return nil, fmt.Errorf("%w: %s", ErrInUse, path)
	}
	// The socket gets its name when nobody else may open it any more.
	temporary := path + "." + strconv.Itoa(os.Getpid())
	_ = os.Remove(temporary)
	l, err := net.Listen("unix", temporary)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	err = os.Chmod(temporary, 0o600)
	if err == nil {
		_ = os.Remove(path)
		err = os.Rename(temporary, path)
	}
	if err != nil {
		l.Close()
		_ = os.Remove(temporary)
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{host: h, path: path, listener: l, ctx: ctx, cancel: cancel}
	s.group.Go(s.accept)
	return s, nil
}

// privateDir makes a folder that only this user may enter, or checks that it is one.
func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !owned(info) {
		return fmt.Errorf("%s belongs to somebody else, or is no folder", dir)
	}
	return os.Chmod(dir, 0o700)
}

// Path returns the socket's path.
func (s *Server) Path() string { return s.path }

// Close removes the socket, and waits for the requests that are being carried out.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.cancel()
	s.group.Wait()
	_ = os.Remove(s.path)
	return err
}

func (s *Server) accept() {
	free := make(chan struct{}, maxClients)
	for {
		free <- struct{}{}
		conn, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			<-free
			time.Sleep(10 * time.Millisecond) // no file descriptors are left, for now
			continue
		}
		s.group.Go(func() {
			s.serve(conn)
			<-free
		})
	}
}

func (s *Server) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(requestTime))
	var r Request
	var a Answer
	defer func() {
		_ = conn.SetWriteDeadline(time.Now().Add(requestTime))
		_ = json.NewEncoder(conn).Encode(a)
	}()
	if err := json.NewDecoder(io.LimitReader(conn, maxRequest)).Decode(&r); err != nil {
		a.Error = "bad request: " + err.Error()
		return
	}
	if r.Command == "watch" {
		s.follow(conn)
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, answerTime)
	defer cancel()
	a = s.answer(ctx, r)
}

// follow sends an answer with the generation, and then one for each reload, until the client goes away or the server
// closes; the last one is empty.
func (s *Server) follow(conn net.Conn) {
	const behind = 64 // reports that a slow client may be late
	reports := make(chan *host.Reload, behind)
	stop := s.host.OnReload(func(r *host.Reload) {
		select {
		case reports <- r:
		default:
		}
	})
	defer stop()
	gone := make(chan struct{})
	s.group.Go(func() {
		_ = conn.SetReadDeadline(time.Time{})
		_, _ = io.Copy(io.Discard, conn)
		close(gone)
	})
	out := json.NewEncoder(conn)
	_ = conn.SetWriteDeadline(time.Now().Add(requestTime))
	if out.Encode(Answer{Status: s.host.CodeStatus()}) != nil {
		return
	}
	for {
		select {
		case r := <-reports:
			_ = conn.SetWriteDeadline(time.Now().Add(requestTime))
			if out.Encode(Answer{Reload: r, Text: r.Text(false)}) != nil {
				return
			}
		case <-gone:
			return
		case <-s.ctx.Done():
			return
		}
	}
}

func (s *Server) answer(ctx context.Context, r Request) (a Answer) {
	var err error
	switch r.Command {
	case "reload":
		a.Reload, err = s.host.Reload(ctx, r.Reload)
	case "rollback":
		a.Reload, err = s.host.Rollback(ctx, r.Generation)
	case "status":
		a.Status = s.host.ReloadStatus(ctx)
	case "history":
		a.History = s.host.History()
	case "why":
		a.Why = s.host.WhyLoaded(ctx, r.Module)
	default:
		err = fmt.Errorf("no command %q", r.Command)
	}
	if err != nil {
		a.Error = err.Error()
	}
	if a.Reload != nil {
		a.Text = a.Reload.Text(false)
	}
	return a
}

// Follow calls f with an answer that has the Status without services, and then with one for each Reload of the host that
// serves a socket, until that host ends or ctx does.
func Follow(ctx context.Context, path string, f func(Answer)) error {
	conn, err := dial(ctx, path)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := json.NewEncoder(conn).Encode(Request{Command: "watch"}); err != nil {
		return err
	}
	for in := json.NewDecoder(conn); ; {
		var a Answer
		if err := in.Decode(&a); err != nil || a.Reload == nil && a.Status == nil {
			return ctx.Err()
		}
		f(a)
	}
}

func dial(ctx context.Context, path string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("no luahost answers at %s (was it started in another directory? see --control): %w", path, err)
	}
	return conn, nil
}

// Ask sends a request to the host that serves a socket.
func Ask(ctx context.Context, path string, r Request) (Answer, error) {
	conn, err := dial(ctx, path)
	if err != nil {
		return Answer{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return Answer{}, err
	}
	var a Answer
	if err := json.NewDecoder(conn).Decode(&a); err != nil {
		return Answer{}, err
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}
