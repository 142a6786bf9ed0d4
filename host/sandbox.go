package host

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// WithSandbox keeps scripts from files, processes and the environment of the machine. They have no io, and of os and
// debug what is harmless; binary chunks are refused, and so are modules that are Ambient. Code is read only from the
// folders of the scripts that Start was given as files, and from those that the templates of WithServicePath and
// WithModulePath begin with: not by "..", an absolute path or a symbolic link that lead out of them.
//
// The modules in Go keep the network open. The sandbox stops accidents and nosy scripts; a wall against hostile ones
// is an operating system's process around the host.
func WithSandbox() Option {
	return func(o *options) error {
		o.sandbox = true
		return nil
	}
}

// Sandboxed reports whether the host was made with WithSandbox.
func (h *Host) Sandboxed() bool { return h.options.sandbox }

// MayRead returns the error of a file or folder that scripts may not read, because of the sandbox or the system.
// Bindings ask before they open what a script has named.
func (h *Host) MayRead(path string) error {
	if !h.options.sandbox {
		return nil
	}
	f, err := h.code.disk.open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// errOutside is the error of a file that scripts in the sandbox may not read.
var errOutside = errors.New("outside of the sandbox")

// disk is where Lua code is read from. The zero value reads all files that there are.
type disk struct {
	confined bool

	mu    sync.Mutex
	roots []root
}

// root is a folder that code in the sandbox may be read from.
type root struct {
	dir string // absolute
	*os.Root
}

// allow adds a folder. One that can't be opened has nothing to read.
func (d *disk) allow(dir string) {
	if !d.confined {
		return
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.roots {
		if r.dir == dir {
			return
		}
	}
	if r, err := os.OpenRoot(dir); err == nil {
		d.roots = append(d.roots, root{dir, r})
	}
}

// allowTemplates adds the folders that templates begin with: "a/b/?/init.lua" gives "a/b".
func (d *disk) allowTemplates(templates []string) {
	for _, t := range templates {
		for _, t := range strings.Split(t, ";") {
			before, _, _ := strings.Cut(filepath.FromSlash(t), "?")
			d.allow(filepath.Dir(before + "x"))
		}
	}
}

func (d *disk) open(path string) (fs.File, error) {
	if !d.confined {
		return os.Open(path)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	err = errOutside
	for _, r := range d.roots {
		name, e := filepath.Rel(r.dir, full)
		if e != nil || !filepath.IsLocal(name) {
			continue
		}
		f, e := r.Open(name)
		if e == nil {
			return f, nil
		}
		err = e
		var p *fs.PathError
		if errors.As(e, &p) {
			err = p.Err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: err}
}

func (d *disk) read(path string) (string, error) {
	f, err := d.open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	return string(b), err
}

func (d *disk) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.roots {
		_ = r.Close()
	}
	d.roots = nil
}
