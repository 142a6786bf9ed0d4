package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// recorder collects what a Watcher tells.
type recorder struct {
	t     *testing.T
	dir   string
	mu    sync.Mutex
	files map[string]string
	sets  []string
	halfs int
	lost  []string
	w     *Watcher

	events func() (*fsnotify.Watcher, error)
	opened []*fsnotify.Watcher
	once   func() // what happens while a change is applied
}

// newEvents notes the sources of events, so that tests can break them off.
func (r *recorder) newEvents() (*fsnotify.Watcher, error) {
	if r.events != nil {
		return r.events()
	}
	w, err := fsnotify.NewWatcher()
	r.mu.Lock()
	r.opened = append(r.opened, w)
	r.mu.Unlock()
	return w, err
}

func (r *recorder) breakOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opened[len(r.opened)-1].Close()
}

func start(t *testing.T, poll bool, names ...string) *recorder {
	t.Helper()
	r := &recorder{t: t, dir: t.TempDir(), files: map[string]string{}}
	for _, n := range names {
		r.write(n, "return 1 -- "+n)
	}
	return r.run(poll, names...)
}

func (r *recorder) run(poll bool, names ...string) *recorder {
	for _, n := range names {
		b, err := os.ReadFile(r.path(n))
		if err != nil {
			r.t.Fatal(err)
		}
		r.files[r.path(n)] = hash(b)
	}
	r.w = New(Options{Files: r.list, Changed: r.changed, Lost: func(f string, err error) {
		r.mu.Lock()
		r.lost = append(r.lost, fmt.Sprint(filepath.Base(f), " ", errors.Is(err, fs.ErrNotExist)))
		r.mu.Unlock()
	}, Poll: poll, events: r.newEvents})
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { r.w.Run(ctx) })
	r.t.Cleanup(func() { cancel(); done.Wait() })
	return r
}

func (r *recorder) path(name string) string { return filepath.Join(r.dir, name) }

func (r *recorder) list() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := map[string]string{}
	for k, v := range r.files {
		m[k] = v
	}
	return m
}

// changed takes files that begin with "half" for half written.
func (r *recorder) changed(files []string, last bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.once; f != nil {
		r.once = nil
		defer f()
	}
	var names []string
	for _, f := range files {
		b, _ := os.ReadFile(f)
		if strings.HasPrefix(string(b), "half") && !last {
			return false
		}
		if strings.HasPrefix(string(b), "half") || len(b) == 0 {
			r.halfs++
		}
		rel, _ := filepath.Rel(r.dir, f)
		names = append(names, filepath.ToSlash(rel))
	}
	r.sets = append(r.sets, strings.Join(names, " "))
	return true
}

func (r *recorder) write(name, text string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(r.path(name), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *recorder) do(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

const patient = time.Minute // on a busy machine

// want waits for the sets of changes, and that there are no more.
func (r *recorder) want(sets ...string) {
	r.t.Helper()
	if len(sets) == 0 {
		time.Sleep(700 * time.Millisecond)
	}
	for deadline := time.Now().Add(patient); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		r.mu.Lock()
		n := len(r.sets)
		r.mu.Unlock()
		if n >= len(sets) {
			break
		}
	}
	time.Sleep(300 * time.Millisecond)
	r.mu.Lock()
	defer r.mu.Unlock()
	if fmt.Sprint(r.sets) != fmt.Sprint(sets) {
		r.t.Errorf("changes %q, want %q", r.sets, sets)
	}
	if r.halfs != 0 {
		r.t.Errorf("%d half files were reported", r.halfs)
	}
	r.sets = nil
}

// Each way to save a file is one change, also the second time.
func TestSaves(t *testing.T) {
	ways := map[string]func(r *recorder, text string){
		"in place": func(r *recorder, text string) { r.write("m.lua", text) },
		"rename": func(r *recorder, text string) {
			r.write("m.lua.tmp", text)
			r.do(os.Rename(r.path("m.lua.tmp"), r.path("m.lua")))
		},
		"vim with backup": func(r *recorder, text string) {
			r.write("4913", "")
			r.do(os.Remove(r.path("4913")))
			r.do(os.Rename(r.path("m.lua"), r.path("m.lua~")))
			r.write("m.lua", text)
			r.do(os.Chmod(r.path("m.lua"), 0o644))
			r.do(os.Remove(r.path("m.lua~")))
		},
		"sed -i": func(r *recorder, text string) {
			out, err := exec.Command("sed", "-i", "1s/.*/"+text+"/", r.path("m.lua")).CombinedOutput()
			if err != nil {
				r.t.Skipf("sed: %v %s", err, out)
			}
		},
		"cp": func(r *recorder, text string) {
			r.write("other", text)
			r.do(exec.Command("cp", r.path("other"), r.path("m.lua")).Run())
		},
	}
	for name, save := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, false, "m.lua")
			if r.w.Mode() != Events {
				t.Skip("no events here")
			}
			save(r, "return 2")
			r.want("m.lua")
			save(r, "return 3")
			r.want("m.lua")
		})
	}
}

// A save may take its time. The clock is fake, so that it takes no longer; the watcher is told to look, in the place of events.
func TestSlowSaves(t *testing.T) {
	for name, begin := range map[string]func(r *recorder) time.Duration{
		"truncated": func(r *recorder) time.Duration {
			r.do(os.Truncate(r.path("m.lua"), 0))
			return emptyTime - time.Millisecond
		},
		"deleted": func(r *recorder) time.Duration {
			r.do(os.Remove(r.path("m.lua")))
			return emptyTime - time.Millisecond
		},
		"half": func(r *recorder) time.Duration {
			r.write("m.lua", "half")
			return patience - time.Millisecond
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, true, "m.lua")
				for i := range 2 {
					synctest.Wait()
					pause := begin(r)
					r.w.Refresh()
					synctest.Wait()
					time.Sleep(pause)
					r.write("m.lua", fmt.Sprintf("return %d", i+2))
					r.w.Refresh()
					r.want("m.lua")
				}
				if len(r.lost) > 0 {
					t.Errorf("lost: %q", r.lost)
				}
			})
		})
	}
}

// What does not change the content is no change.
func TestNoChange(t *testing.T) {
	r := start(t, false, "m.lua")
	now := time.Now()
	r.do(os.Chtimes(r.path("m.lua"), now, now))
	r.do(os.Chmod(r.path("m.lua"), 0o600))
	r.write("m.lua", "return 1 -- m.lua")
	r.write("unrelated.lua", "x")
	r.want()
}

// A checkout of many files is one change, and waits for git's lock.
func TestCheckout(t *testing.T) {
	var names []string
	for i := range 30 {
		names = append(names, fmt.Sprintf("m%02d.lua", i))
	}
	r := start(t, false, names...)
	begin := time.Now()
	r.write(".git/index.lock", "")
	for i, n := range names {
		r.write(n, "return 2")
		if i%5 == 0 {
			time.Sleep(20 * time.Millisecond)
		}
	}
	time.Sleep(200 * time.Millisecond)
	r.write(names[29], "return 3")
	r.do(os.Remove(r.path(".git/index.lock")))
	if took := time.Since(begin); took > gitPatience {
		t.Skipf("the checkout took %v: the watcher had to lose its patience", took)
	}
	r.want(strings.Join(names, " "))
}

// A release directory behind a symbolic link is switched twice, as is a Kubernetes volume.
func TestSymlinks(t *testing.T) {
	for _, mode := range []string{"events", "poll"} {
		t.Run("current, "+mode, func(t *testing.T) {
			t.Parallel()
			r := &recorder{t: t, dir: t.TempDir(), files: map[string]string{}}
			for _, n := range []string{"r1", "r2", "r3"} {
				r.write(n+"/m.lua", "return '"+n+"'")
			}
			point := func(to string) {
				r.do(os.Symlink(to, r.path("new")))
				r.do(os.Rename(r.path("new"), r.path("current")))
			}
			point("r1")
			r.run(mode == "poll", "current/m.lua")
			for _, to := range []string{"r2", "r3"} {
				point(to)
				r.want("current/m.lua")
			}
			r.write("r3/m.lua", "return 'in place'")
			r.want("current/m.lua")
		})
	}
	t.Run("k8s", func(t *testing.T) {
		t.Parallel()
		r := &recorder{t: t, dir: t.TempDir(), files: map[string]string{}}
		r.write("..1/m.lua", "return 1")
		r.do(os.Symlink("..1", r.path("..data")))
		r.do(os.Symlink("..data/m.lua", r.path("m.lua")))
		r.run(false, "m.lua")
		for i := 2; i <= 3; i++ {
			r.write(fmt.Sprintf("..%d/m.lua", i), fmt.Sprintf("return %d", i))
			r.do(os.Symlink(fmt.Sprintf("..%d", i), r.path("..data_tmp")))
			r.do(os.Rename(r.path("..data_tmp"), r.path("..data")))
			r.do(os.RemoveAll(r.path(fmt.Sprintf("..%d", i-1))))
			r.want("m.lua")
		}
	})
}

// The directory is renamed and another one takes its name.
func TestReplacedDirectory(t *testing.T) {
	r := start(t, false, "root/m.lua")
	for i := range 2 {
		r.write("next/m.lua", fmt.Sprintf("return %d", i+10))
		r.do(os.Rename(r.path("root"), r.path(fmt.Sprintf("old%d", i))))
		r.do(os.Rename(r.path("next"), r.path("root")))
		r.want("root/m.lua")
	}
}

// A file that becomes known later, in a directory that is new, is watched too.
func TestNewDirectory(t *testing.T) {
	r := start(t, false, "m.lua")
	r.write("sub/deep/n.lua", "return 1")
	r.mu.Lock()
	r.files[r.path("sub/deep/n.lua")] = hash([]byte("return 1"))
	r.mu.Unlock()
	r.w.Refresh()
	time.Sleep(100 * time.Millisecond)
	r.write("sub/deep/n.lua", "return 2")
	r.want("sub/deep/n.lua")
}

func TestPoll(t *testing.T) {
	r := start(t, true, "m.lua")
	if r.w.Mode() != Poll {
		t.Fatalf("mode %s", r.w.Mode())
	}
	r.write("m.lua", "return 2")
	r.want("m.lua")
}

// A flood of events, more than the queue holds, loses nothing.
func TestOverflow(t *testing.T) {
	r := start(t, false, "m.lua", "n.lua")
	r.write("x", "")
	for range 10000 { // two events each, and no writing
		r.do(os.Rename(r.path("x"), r.path("y")))
		r.do(os.Rename(r.path("y"), r.path("x")))
	}
	r.write("m.lua", "return 2")
	r.want("m.lua")
}

// A file that is deleted, or replaced by something that is no file, is told of once; when it is back, it is a change as others.
func TestLost(t *testing.T) {
	r := start(t, false, "m.lua")
	lost := func(want ...string) {
		t.Helper()
		for deadline := time.Now().Add(patient); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			r.mu.Lock()
			n := len(r.lost)
			r.mu.Unlock()
			if n >= len(want) {
				break
			}
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if fmt.Sprint(r.lost) != fmt.Sprint(want) {
			t.Errorf("lost: %q, want %q", r.lost, want)
		}
	}
	r.do(os.Remove(r.path("m.lua")))
	lost("m.lua true")
	r.write("m.lua", "return 5")
	r.want("m.lua")
	r.do(os.Remove(r.path("m.lua")))
	r.do(os.Mkdir(r.path("m.lua"), 0o755))
	lost("m.lua true", "m.lua false")
	r.do(os.Remove(r.path("m.lua")))
	r.write("m.lua", "return 6")
	r.want("m.lua")
	lost("m.lua true", "m.lua false")
}

// A file that is saved again while its change is being applied has changed twice.
func TestSaveDuringChange(t *testing.T) {
	r := start(t, false, "m.lua")
	r.once = func() { r.write("m.lua", "return 3") }
	r.write("m.lua", "return 2")
	r.want("m.lua", "m.lua")
}

// Without events, as no more may be had, changes are found by the clock, within twice its interval.
func TestNoEvents(t *testing.T) {
	for name, events := range map[string]func() (*fsnotify.Watcher, error){
		"too many watchers": func() (*fsnotify.Watcher, error) { return nil, syscall.EMFILE },
		"too many watches": func() (*fsnotify.Watcher, error) {
			w, err := fsnotify.NewWatcher()
			if err == nil {
				w.Close() // directories can't be added any more
			}
			return w, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{t: t, dir: t.TempDir(), files: map[string]string{}, events: events}
			r.write("m.lua", "return 1")
			r.run(false, "m.lua")
			if r.w.Mode() != Poll {
				t.Fatalf("mode %s", r.w.Mode())
			}
			for i := range 2 {
				r.write("m.lua", fmt.Sprintf("return %d", i+2))
				r.want("m.lua")
			}
		})
	}
}

// Events that break off are taken up again.
func TestEventsBreakOff(t *testing.T) {
	r := start(t, false, "m.lua")
	if r.w.Mode() != Events {
		t.Skip("no events here")
	}
	for i := range 2 {
		r.breakOff()
		r.write("m.lua", fmt.Sprintf("return %d", i+2))
		r.want("m.lua")
		if r.w.Mode() != Events {
			t.Fatalf("mode %s", r.w.Mode())
		}
	}
}
