package websocket

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// pages serves the other paths of a WebSocket's port, as option serve says: a table from paths to
//
//	"text"                                a page (text/html if it begins with "<", else text/plain)
//	{body = "text", type = "text/css"}    the same with a type
//	{file = "page.html"}                  a file, read at each request
//	{files = "dir"}                       the files below a directory; the path ends in "/"
//	function(request) ... end             returns status, body, header; request has method, url, header, body
type pages struct {
	service *host.Service
	mux     map[string]http.Handler
	below   []string // the paths that end in "/", longest first
	roots   []*os.Root
}

// maxBody is how many bytes of a request's body a function gets.
const maxBody = 1 << 20

func newPages(s *host.Service, t *vm.Table) (*pages, error) {
	p := &pages{service: s, mux: map[string]http.Handler{}}
	if t == nil {
		return p, nil
	}
	for k, v, err := t.Next(vm.Nil()); !k.IsNil(); k, v, err = t.Next(k) {
		if err != nil {
			return nil, err
		}
		path, _ := k.AsString()
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("option 'serve': a path that begins with '/' expected, got '%s'", vm.Text(k))
		}
		h, err := p.page(path, v)
		if err != nil {
			p.close()
			return nil, fmt.Errorf("option 'serve': %s: %w", path, err)
		}
		p.mux[path] = h
		if strings.HasSuffix(path, "/") {
			p.below = append(p.below, path)
		}
	}
	sort.Slice(p.below, func(i, j int) bool { return len(p.below[i]) > len(p.below[j]) })
	return p, nil
}

func (p *pages) page(path string, v vm.Value) (http.Handler, error) {
	if v.IsFunction() {
		return p.function(v), nil
	}
	if body, ok := v.AsString(); ok {
		return static(body, contentType(body)), nil
	}
	t, ok := v.AsTable()
	if !ok {
		return nil, wrong("string, table or function", v)
	}
	if body, ok := t.GetString("body").AsString(); ok {
		kind, ok := t.GetString("type").AsString()
		if !ok {
			kind = contentType(body)
		}
		return static(body, kind), nil
	}
	if file, ok := t.GetString("file").AsString(); ok {
		root, err := p.open(filepath.Dir(file))
		if err != nil {
			return nil, err
		}
		name := filepath.Base(file)
		return get(func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, root.FS(), name) }), nil
	}
	if dir, ok := t.GetString("files").AsString(); ok {
		if !strings.HasSuffix(path, "/") {
			return nil, fmt.Errorf("the path of a directory ends in '/'")
		}
		root, err := p.open(dir)
		if err != nil {
			return nil, err
		}
		return get(http.StripPrefix(path, http.FileServerFS(root.FS())).ServeHTTP), nil
	}
	return nil, fmt.Errorf("a table with body, file or files expected")
}

// open opens a directory that requests can't leave, by symbolic links neither.
func (p *pages) open(dir string) (*os.Root, error) {
	if err := p.service.Host().MayRead(dir); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err == nil {
		p.roots = append(p.roots, root)
	}
	return root, err
}

func (p *pages) close() {
	for _, r := range p.roots {
		_ = r.Close()
	}
}

func contentType(body string) string {
	if strings.HasPrefix(strings.TrimSpace(body), "<") {
		return "text/html; charset=utf-8"
	}
	return "text/plain; charset=utf-8"
}

func get(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "GET expected", http.StatusMethodNotAllowed)
			return
		}
		h(w, r)
	})
}

func static(body, kind string) http.Handler {
	return get(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	})
}

// ServeHTTP finds the page of a path: the path itself, or the longest one ending in "/" that it begins with, if that
// leads to files or a function.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if h := p.mux[r.URL.Path]; h != nil {
		h.ServeHTTP(w, r)
		return
	}
	for _, path := range p.below {
		if path != "/" && strings.HasPrefix(r.URL.Path, path) {
			p.mux[path].ServeHTTP(w, r)
			return
		}
	}
	http.NotFound(w, r)
}

// function answers requests with a Lua function, which may suspend.
func (p *pages) function(f vm.Value) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, err.Error(), bodyStatus(err))
			return
		}
		a := &answering{service: p.service, f: f, request: requestOf(r), method: r.Method, body: string(body), done: make(chan struct{})}
		if !p.service.Post(a.run) {
			http.Error(w, "the server is closing", http.StatusServiceUnavailable)
			return
		}
		select {
		case <-a.done:
			a.write(w)
		case <-r.Context().Done():
		case <-p.service.Context().Done():
			http.Error(w, "the server is closing", http.StatusServiceUnavailable)
		}
	})
}

// bodyStatus is the answer to a request whose body could not be read.
func bodyStatus(err error) int {
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}

// answering is a request on its way through a Lua function.
type answering struct {
	service *host.Service
	f       vm.Value
	request request
	method  string
	body    string

	status int
	text   string
	header http.Header
	done   chan struct{}
}

func (a *answering) run(svc *host.Service) {
	s := svc.State()
	t := s.NewTable(0, 4)
	t.SetString("method", vm.String(a.method))
	t.SetString("url", vm.String(a.request.url))
	t.SetString("header", a.request.table(s))
	t.SetString("body", s.NewString(a.body))
	svc.Run(vm.Function("serve", a.call), a.end, t.Value())
}

// call calls the script's function and keeps what it returns.
func (a *answering) call(c *vm.Call) error {
	return c.CallThen(a.take, a.f, c.Arg(1))
}

func (a *answering) take(c *vm.Call) error {
	a.status = c.OptInt(1, http.StatusOK)
	a.text = c.OptString(2, "")
	a.header = http.Header{}
	if a.status < 200 || a.status > 599 {
		return c.Errorf("status %d: 200 to 599 expected", a.status)
	}
	if c.Arg(3).IsNil() {
		return nil
	}
	t := c.CheckTable(3)
	for k, v, err := t.Next(vm.Nil()); !k.IsNil(); k, v, err = t.Next(k) {
		if err != nil {
			return err
		}
		name, _ := vm.ToString(k)
		value, _ := vm.ToString(v)
		a.header.Add(name, value)
	}
	return nil
}

func (a *answering) end(outcome vm.Outcome) {
	if outcome == vm.Failed {
		a.service.Host().Logf(a.service.Address(), "websocket: error in the function for %s: %s", clean(a.request.url), a.service.Failure())
		a.status, a.text, a.header = http.StatusInternalServerError, "internal error\n", nil
	}
	close(a.done)
}

func (a *answering) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", contentType(a.text))
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.text)
}
