package lib

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"syscall"

	"github.com/luahost/luahost/vm"
)

// files are the standard streams of a process, and those files of scripts that may hold unwritten output.
type files struct {
	stdin, stdout, stderr *stream

	mu   sync.Mutex
	open map[*stream]struct{}
}

func newFiles(stdin io.Reader, stdout, stderr io.Writer) *files {
	f := &files{open: map[*stream]struct{}{}}
	f.stdout = newStream(stdout, false, true)
	if isTerminal(stdout) {
		f.stdout.flushes = atLineEnd
	}
	f.stderr = newStream(stderr, false, true)
	f.stderr.flushes = always
	f.stdin = newStream(prompted{stdin, f.stdout}, true, false)
	return f
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// prompted is an input before whose reading an output is shown.
type prompted struct {
	io.Reader
	out *stream
}

func (p prompted) Read(b []byte) (int, error) {
	_ = p.out.flush() // whoever writes next is told
	return p.Reader.Read(b)
}

func (p prompted) Seek(offset int64, whence int) (int64, error) {
	if s, ok := p.Reader.(io.Seeker); ok {
		return s.Seek(offset, whence)
	}
	return 0, syscall.ESPIPE
}

// close writes out what all streams hold.
func (f *files) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := errors.Join(f.stdout.flush(), f.stderr.flush())
	for s := range f.open {
		err = errors.Join(err, s.flush())
	}
	return err
}

// file is what a Lua file handle holds.
type file struct {
	*stream
	kind   fileKind
	closed bool
}

type fileKind uint8

const (
	plainFile fileKind = iota
	standardFile
	processFile
)

// newFile makes a handle. Its file is closed when Go's collector finds that nobody holds it.
func (f *files) newFile(s *vm.State, raw any, kind fileKind, readable, writable bool) (*file, vm.Value) {
	h := &file{stream: newStream(raw, readable, writable), kind: kind}
	f.mu.Lock()
	f.open[h.stream] = struct{}{}
	f.mu.Unlock()
	runtime.AddCleanup(h, f.abandoned, h.stream)
	return h, newHandle(s, h)
}

// newHandle makes a Lua value of a file.
func newHandle(s *vm.State, h *file) vm.Value {
	return vm.NewUserdata(h, registryTable(s, fileType)).Value()
}

// abandoned closes a file that no script holds any more. A process may be long in ending.
func (f *files) abandoned(s *stream) {
	if f.forget(s) {
		go s.close()
	}
}

// forget reports whether the stream was open.
func (f *files) forget(s *stream) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.open[s]
	delete(f.open, s)
	return ok
}

// close closes a handle that is open and no standard one.
func (f *files) closeFile(h *file) error {
	h.closed = true
	f.forget(h.stream)
	return h.stream.close()
}
