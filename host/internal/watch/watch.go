// Package watch tells when the contents of some files have changed, whatever way they are written: in place, by rename,
// through symbolic links that are switched, by a version control system.
//
// Events of the file system are only a hint that something may differ. Each leads to a scan that compares what a path
// resolves to, its size, time and inode, and then the content. Where there are no events, scans are made by the clock.
package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Options are what a Watcher works on.
type Options struct {
	// Files returns the files to watch, with the hash of the content that is known of each. It is called at each scan.
	Files func() map[string]string
	// Changed is told of files whose content is no longer the known one, all those of one save at once. It returns false
	// when one looks like half a file; then it is called again, later, with last true.
	Changed func(files []string, last bool) bool
	// Lost is told once of a file that could not be read for a second, mostly because it is gone, and why.
	Lost func(file string, err error)
	// Poll makes the watcher do without events of the file system.
	Poll bool

	events func() (*fsnotify.Watcher, error) // nil: those of the system
}

// The times of a Watcher.
const (
	quietTime    = 50 * time.Millisecond  // without an event, before a save counts as complete
	quietLimit   = 500 * time.Millisecond // from the first event
	settleTime   = 20 * time.Millisecond  // in which size and time of a file must not change
	patience     = 250 * time.Millisecond // for the rest of what looks like half a file
	emptyTime    = time.Second            // after which an empty or missing file is what its author wants
	slowPoll     = 2 * time.Second
	fastPoll     = 500 * time.Millisecond
	gitPatience  = 2 * time.Second // with a checkout that holds .git/index.lock
	selfTestTime = 200 * time.Millisecond
)

// Mode is how a Watcher learns of changes.
type Mode string

const (
	Events Mode = "events"
	Poll   Mode = "poll"
)

// Watcher watches files until its context ends.
type Watcher struct {
	options Options
	mode    atomic.Value
	refresh chan struct{}

	events *fsnotify.Watcher
	dirs   map[string]os.FileInfo // that events come from
	known  map[string]*file
}

// file is what is known of one path.
type file struct {
	resolved string
	info     os.FileInfo
	hash     string
	found    string    // hash of what was told to have changed, or is about to be
	missing  time.Time // since when
	empty    time.Time
	told     bool
}

// New makes a watcher; Run makes it work.
func New(o Options) *Watcher {
	if o.events == nil {
		o.events = fsnotify.NewWatcher
	}
	w := &Watcher{options: o, refresh: make(chan struct{}, 1), known: map[string]*file{}, dirs: map[string]os.FileInfo{}}
	w.mode.Store(Poll)
	if !o.Poll && w.open() == nil && w.selfTest() {
		w.mode.Store(Events)
	}
	w.scan()
	return w
}

// Mode returns how the watcher learns of changes.
func (w *Watcher) Mode() Mode { return w.mode.Load().(Mode) }

// Refresh makes the watcher look at the list of files again. It may be called from any goroutine.
func (w *Watcher) Refresh() {
	select {
	case w.refresh <- struct{}{}:
	default:
	}
}

func (w *Watcher) open() (err error) {
	w.dirs = map[string]os.FileInfo{}
	w.events, err = w.options.events()
	return err
}

func (w *Watcher) close() {
	if w.events != nil {
		w.events.Close()
		w.events = nil
	}
}

// selfTest reports whether a change in a directory leads to an event.
func (w *Watcher) selfTest() bool {
	dir, err := os.MkdirTemp("", "luahost-watch")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	if w.events.Add(dir) != nil {
		return false
	}
	defer w.events.Remove(dir)
	if os.WriteFile(filepath.Join(dir, "probe"), nil, 0o600) != nil {
		return false
	}
	select {
	case <-w.events.Events:
		return true
	case <-time.After(selfTestTime):
		return false
	}
}

// Run watches until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	defer w.close()
	for ctx.Err() == nil {
		if w.wait(ctx) {
			w.settle(ctx)
		}
		w.round(ctx)
	}
}

// wait returns true when an event came, false when it is time to scan anyway.
func (w *Watcher) wait(ctx context.Context) bool {
	interval := fastPoll
	if w.Mode() == Events {
		interval = slowPoll
	}
	timer := time.NewTimer(interval)
	defer timer.Stop()
	events, errs := w.channels()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-w.refresh:
	case _, ok := <-events:
		if !ok {
			w.reopen()
		}
		return true
	case err, ok := <-errs:
		if !ok || !errors.Is(err, fsnotify.ErrEventOverflow) {
			w.reopen()
		}
		return true
	}
	return false
}

func (w *Watcher) channels() (<-chan fsnotify.Event, <-chan error) {
	if w.events == nil {
		return nil, nil
	}
	return w.events.Events, w.events.Errors
}

// reopen starts with new events after the old ones have failed.
func (w *Watcher) reopen() {
	w.close()
	if w.open() != nil {
		w.mode.Store(Poll)
	}
}

// settle waits until events stop coming, but not for ever.
func (w *Watcher) settle(ctx context.Context) {
	limit := time.After(quietLimit)
	for {
		quiet := time.NewTimer(quietTime)
		events, errs := w.channels()
		select {
		case <-events:
		case <-errs:
		case <-quiet.C:
			return
		case <-limit:
			return
		case <-ctx.Done():
			return
		}
		quiet.Stop()
	}
}

// round finds what has changed and tells of it.
func (w *Watcher) round(ctx context.Context) {
	changed := w.scan()
	if len(changed) == 0 {
		return
	}
	w.waitForGit(ctx, changed)
	for w.moving(changed) && sleep(ctx, settleTime) {
	}
	changed = w.changes()
	if len(changed) == 0 {
		return
	}
	if !w.options.Changed(changed, false) {
		if !sleep(ctx, patience) {
			return
		}
		w.settleIfBusy(ctx)
		if changed = w.changes(); len(changed) > 0 {
			w.options.Changed(changed, true)
		}
	}
	for _, path := range changed {
		w.take(path)
	}
}

// settleIfBusy waits once more for quiet when events have come meanwhile.
func (w *Watcher) settleIfBusy(ctx context.Context) {
	events, _ := w.channels()
	select {
	case <-events:
		w.settle(ctx)
	default:
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// scan compares what the paths lead to with what they led to before; it returns those with other content.
func (w *Watcher) scan() []string {
	files := w.options.Files()
	for path, hash := range files {
		if w.known[path] == nil {
			w.known[path] = &file{hash: hash}
		}
	}
	for path := range w.known {
		if _, ok := files[path]; !ok {
			delete(w.known, path)
		}
	}
	w.watchDirs()
	return w.changes()
}

// changes lists the files whose content is not the known one.
func (w *Watcher) changes() (changed []string) {
	for path, f := range w.known {
		if w.differs(path, f) {
			changed = append(changed, path)
		}
	}
	sort.Strings(changed)
	return changed
}

func (w *Watcher) differs(path string, f *file) bool {
	info, err := os.Stat(path)
	if err != nil {
		w.missing(path, f, err)
		return false
	}
	resolved, _ := filepath.EvalSymlinks(path)
	if f.info != nil && resolved == f.resolved && sameFile(f.info, info) {
		return false
	}
	hash, err := hashFile(path, info)
	if err != nil {
		w.missing(path, f, err)
		return false
	}
	f.missing, f.told = time.Time{}, false
	if info.Size() == 0 && f.hash != emptyHash {
		if f.empty.IsZero() {
			f.empty = time.Now()
		}
		if time.Since(f.empty) < emptyTime {
			w.later(emptyTime)
			return false // the beginning of a save
		}
	} else {
		f.empty = time.Time{}
	}
	if hash == f.hash {
		f.info, f.resolved = info, resolved
		return false
	}
	f.found = hash
	return true
}

func sameFile(a, b os.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && os.SameFile(a, b) && time.Since(b.ModTime()) > time.Second
}

// missing waits for a file to come back, as it does in many a save, and then tells that it is lost.
func (w *Watcher) missing(path string, f *file, err error) {
	f.info = nil
	switch {
	case f.missing.IsZero():
		f.missing = time.Now()
		w.later(emptyTime)
	case !f.told && time.Since(f.missing) >= emptyTime:
		f.told = true
		if w.options.Lost != nil {
			w.options.Lost(path, err)
		}
	}
}

// later makes a scan take place after d, also without an event.
func (w *Watcher) later(d time.Duration) { time.AfterFunc(d+10*time.Millisecond, w.Refresh) }

// take makes the content that was told to have changed the known one: what was written since is another change.
func (w *Watcher) take(path string) {
	if f := w.known[path]; f != nil {
		f.hash, f.info, f.empty = f.found, nil, time.Time{}
	}
}

// moving reports whether a file is being written: its size or time changes within settleTime.
func (w *Watcher) moving(paths []string) bool {
	before := make([]os.FileInfo, len(paths))
	recent := false
	for i, path := range paths {
		before[i], _ = os.Stat(path)
		recent = recent || before[i] != nil && time.Since(before[i].ModTime()) < settleTime
	}
	if !recent {
		return false
	}
	time.Sleep(settleTime)
	for i, path := range paths {
		now, _ := os.Stat(path)
		if (now == nil) != (before[i] == nil) || now != nil && (now.Size() != before[i].Size() || !now.ModTime().Equal(before[i].ModTime())) {
			return true
		}
	}
	return false
}

var errNotRegular = errors.New("not a regular file")

var emptyHash = hash(nil)

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func hashFile(path string, info os.FileInfo) (string, error) {
	if !info.Mode().IsRegular() { // to read a pipe would mean to wait
		return "", errNotRegular
	}
	b, err := os.ReadFile(path)
	return hash(b), err
}

// watchDirs asks for events of all directories in which something may happen to a file: its own, that one's parent,
// and those of the symbolic links on the way.
func (w *Watcher) watchDirs() {
	if w.events == nil {
		return
	}
	want := map[string]bool{}
	for path := range w.known {
		for _, dir := range directories(path) {
			want[dir] = true
		}
	}
	mode := Events
	for dir := range want {
		info, err := os.Stat(dir)
		if err != nil {
			continue
		}
		if !reliable(dir) {
			mode = Poll
		}
		if old := w.dirs[dir]; old != nil {
			if os.SameFile(old, info) {
				continue
			}
			_ = w.events.Remove(dir) // another directory has taken the name
		}
		if err := w.events.Add(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			mode = Poll // no more watches, or none in this file system
			continue
		}
		w.dirs[dir] = info
	}
	for dir := range w.dirs {
		if !want[dir] {
			_ = w.events.Remove(dir)
			delete(w.dirs, dir)
		}
	}
	w.mode.Store(mode)
}

// directories lists where an event may tell of a change of path.
func directories(path string) []string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	dirs := []string{filepath.Dir(abs), filepath.Dir(filepath.Dir(abs))}
	rest := strings.Split(strings.TrimPrefix(filepath.ToSlash(abs), filepath.ToSlash(filepath.VolumeName(abs))), "/")
	at := filepath.VolumeName(abs) + string(filepath.Separator)
	for links := 0; len(rest) > 0 && links < 40; {
		part := rest[0]
		rest = rest[1:]
		if part == "" {
			continue
		}
		next := filepath.Join(at, part)
		target, err := os.Readlink(next)
		if err != nil {
			at = next
			continue
		}
		links++
		dirs = append(dirs, at)
		if filepath.IsAbs(target) {
			at = filepath.VolumeName(target) + string(filepath.Separator)
			target = strings.TrimPrefix(target, at)
		}
		rest = append(strings.Split(filepath.ToSlash(target), "/"), rest...)
	}
	return append(dirs, filepath.Dir(at), filepath.Dir(filepath.Dir(at)))
}

// waitForGit lets a checkout come to its end.
func (w *Watcher) waitForGit(ctx context.Context, paths []string) {
	end := time.Now().Add(gitPatience)
	for _, path := range paths {
		lock := gitLock(path)
		for lock != "" && time.Now().Before(end) {
			if _, err := os.Stat(lock); err != nil || !sleep(ctx, settleTime) {
				break
			}
		}
	}
}

func gitLock(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(filepath.Join(dir, ".git")); err == nil && info.IsDir() {
			return filepath.Join(dir, ".git", "index.lock")
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}
