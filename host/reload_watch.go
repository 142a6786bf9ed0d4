package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/luahost/luahost/host/internal/watch"
)

// Watch applies changes of the files that services run, as they are saved, until ctx ends. Outcomes are told to the
// function given to WithOnReload. poll makes it look at the files by the clock only. ready, unless nil, is called when
// no change will be missed any more.
func (h *Host) Watch(ctx context.Context, poll bool, ready func()) {
	h.code.pin()
	w := watch.New(watch.Options{
		Files: h.code.watched,
		Changed: func(files []string, last bool) bool {
			if !last && h.code.broken(h, files) {
				return false
			}
			_, _ = h.Reload(ctx, ReloadOptions{auto: true})
			return true
		},
		Lost: func(file string, err error) {
			what := "is gone"
			if !errors.Is(err, fs.ErrNotExist) {
				what = "can't be read: " + reasonOf(err)
			}
			h.Logf(0, "reload: %s %s: its code keeps running", file, what)
		},
		Poll: poll,
	})
	h.watcher.Store(w)
	if ready != nil {
		ready()
	}
	w.Run(ctx)
	h.watcher.Store(nil)
}

// watchMode tells how changes of files are noticed: "events", "poll" or "off".
func (h *Host) watchMode() string {
	if w := h.watcher.Load(); w != nil {
		return string(w.Mode())
	}
	return "off"
}

// watched lists the files that services run, with the hash of the content that was applied, or left aside.
func (c *codebase) watched() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	files := make(map[string]string, len(c.files))
	for path, s := range c.files {
		files[path] = s.hash()
	}
	return files
}

func (s *source) hash() string {
	if s.held != "" {
		return s.held
	}
	if s.sum == "" {
		s.sum = contentHash(s.text)
	}
	return s.sum
}

// broken reports whether one of the files does not compile.
func (c *codebase) broken(h *Host, files []string) bool {
	for _, file := range files {
		text, err := readFile(file)
		if err != nil {
			return true
		}
		if _, err := h.compiler.CompileFile(text, file); err != nil {
			return true
		}
	}
	return false
}

// WatchLine tells in one line what Watch does.
func (h *Host) WatchLine() string {
	return fmt.Sprintf("watching %s by %s: save one and it is applied", count(len(h.code.watched()), "file"), h.watchMode())
}

// reasonOf leaves out the name of a file, which the reader of the message knows.
func reasonOf(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

func readFile(path string) (string, error) {
	b, err := os.ReadFile(path)
	return string(b), err
}
