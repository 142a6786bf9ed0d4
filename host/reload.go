package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/luahost/luahost/vm"
)

// Reload applies what has changed in the files of the running services: see docs/reload.md. It is all or nothing: the
// new code is tried in every service that runs the changed files, and then becomes the code of all of them, or of none.
//
// # Errors
//
// ctx has ended, or the host is closed. That new code was rejected is not an error but told by Reload.Result.
func (h *Host) Reload(ctx context.Context, o ReloadOptions) (*Reload, error) {
	h.reloads.Lock()
	defer h.reloads.Unlock()
	h.code.pin()
	h.code.missing.forget()
	op := newOperation(h, o)
	op.run(ctx)
	if err := ctx.Err(); err != nil && op.report.Result == ReloadRejected {
		return op.report, err
	}
	h.announce(op)
	return op.report, nil
}

// Rollback makes the code what it was at a generation, or, when that is 0, before the last reload that was kept.
// It is a reload, and makes a generation of its own.
func (h *Host) Rollback(ctx context.Context, generation int) (*Reload, error) {
	texts, err := h.code.textsAt(generation)
	if err != nil {
		return nil, err
	}
	return h.Reload(ctx, ReloadOptions{texts: texts, reason: reasonRollback})
}

// ReloadOptions are the choices of Host.Reload.
type ReloadOptions struct {
	// Modules limits the reload to modules ("chat.room"), services or files. Empty: whatever changed.
	Modules []string `json:"modules,omitempty"`
	// Service limits it to a service: its name, or its address as in the log. Code that it shares with others is then
	// new in it alone.
	Service string `json:"service,omitempty"`
	// DryRun tries the new code and undoes all of it.
	DryRun bool `json:"dry_run,omitempty"`
	// Barrier pauses all services concerned between two messages until all have the new code.
	Barrier bool `json:"barrier,omitempty"`
	// Strict rejects code that reads globals which nothing defines, instead of warning.
	Strict bool `json:"strict,omitempty"`
	// Restart restarts services that can't take their new code while they run.
	Restart bool `json:"restart,omitempty"`
	// Wait is how long a service may be busy before it makes the reload fail; 0 means 2 s.
	Wait time.Duration `json:"wait,omitempty"`
	// LoadTime is how long the new code of one service may take to load; 0 means 1 s.
	LoadTime time.Duration `json:"load_time,omitempty"`

	texts  map[string]string // in place of the contents of files
	reason string
	cause  string
	only   int  // the generation that it is about: it does nothing in another one; 0: any
	auto   bool // asked for by the watcher: what a rollback left aside is not applied
}

func (o *ReloadOptions) setDefaults() {
	if o.Wait == 0 {
		o.Wait = 2 * time.Second
	}
	if o.LoadTime == 0 {
		o.LoadTime = time.Second
	}
	if o.reason == "" {
		o.reason = reasonReload
	}
}

// The reasons of reloads.
const (
	reasonReload   = "reload"
	reasonRollback = "rollback"
	reasonAuto     = "auto rollback"
)

// ReloadResult is how a reload came out.
type ReloadResult string

const (
	ReloadOK         ReloadResult = "ok"
	ReloadRejected   ReloadResult = "rejected"
	ReloadRolledBack ReloadResult = "rolled back" // a service failed after others had the new code: all have the old one
	ReloadUnchanged  ReloadResult = "unchanged"   // nothing, or only comments and line numbers
)

// Reload is the report of a reload. Its JSON form is documented in docs/reload.md.
type Reload struct {
	Result     ReloadResult  `json:"result"`
	DryRun     bool          `json:"dry_run,omitempty"`
	Reason     string        `json:"reason"`          // "reload", "rollback" or "auto rollback"
	Cause      string        `json:"cause,omitempty"` // of an automatic rollback
	Generation int           `json:"generation"`
	Files      []FileChange  `json:"files"`
	Services   int           `json:"services"`            // that have the new code
	Restarted  int           `json:"restarted,omitempty"` // of them, as they could not take it while they ran
	Seconds    float64       `json:"seconds"`
	Pause      float64       `json:"worst_pause_seconds"` // of a service
	Errors     []ReloadError `json:"errors,omitempty"`
	Warnings   []string      `json:"warnings,omitempty"`
	Conflicts  []string      `json:"conflicts,omitempty"`
	Stuck      []string      `json:"stuck,omitempty"`
	Advice     []string      `json:"advice,omitempty"` // what takes effect only after a restart
	Prepare    float64       `json:"prepare_seconds"`
	Commit     float64       `json:"commit_seconds"`
}

// Auto reports whether the host took a reload back by itself: see WithAutoRollback.
func (r *Reload) Auto() bool { return r.Reason == reasonAuto }

// FileChange is what a reload does to one file.
type FileChange struct {
	Module    string           `json:"module"` // or the service
	File      string           `json:"file"`
	Hash      string           `json:"hash"`
	Functions []FunctionChange `json:"functions"` // those that are not the same
	Diff      string           `json:"diff,omitempty"`
}

// FunctionChange is what a reload does to one function.
type FunctionChange struct {
	Name    string `json:"name"`
	Change  string `json:"change"`
	Line    int    `json:"line,omitempty"`
	OldLine int    `json:"old_line,omitempty"`
}

// ReloadError is a reason why a reload was rejected.
type ReloadError struct {
	Service string `json:"service,omitempty"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
	Source  string `json:"source,omitempty"` // the line
	Column  int    `json:"column,omitempty"` // where the caret stands, from 1
}

// changed counts the functions that differ in more than their place; the main chunk counts only when it is alone.
func (f *FileChange) changed() (n int) {
	main := 0
	for _, c := range f.Functions {
		switch {
		case c.Change == string(vm.Moved):
		case c.Name == vm.MainChunkName:
			main++
		default:
			n++
		}
	}
	if n == 0 {
		return main
	}
	return n
}

// Generation is one entry of the history of reloads.
type Generation struct {
	Generation int       `json:"generation"`
	Time       time.Time `json:"time"`
	Reason     string    `json:"reason"`
	Summary    string    `json:"summary"`
	Files      []string  `json:"files"`

	before, after map[string]string // texts by file
}

// historyLength is how many reloads can be taken back.
const historyLength = 10

// Generation returns the generation of the code: 1 at first, one more with each reload.
func (h *Host) Generation() int {
	h.code.mu.Lock()
	defer h.code.mu.Unlock()
	return h.code.generation
}

// History returns the last reloads that were kept, the oldest first.
func (h *Host) History() []Generation {
	h.code.mu.Lock()
	defer h.code.mu.Unlock()
	return append([]Generation(nil), h.code.history...)
}

// textsAt returns the texts of all files that have changed since a generation, as they were then.
func (c *codebase) textsAt(generation int) (map[string]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.history) == 0 {
		return nil, errors.New("nothing to roll back to: there was no reload")
	}
	if generation == 0 {
		generation = c.history[len(c.history)-1].Generation - 1
	}
	first := c.history[0].Generation - 1
	if generation < first || generation >= c.generation {
		return nil, fmt.Errorf("no generation %d to roll back to: %d to %d are known", generation, first, c.generation-1)
	}
	texts := map[string]string{}
	for i := len(c.history) - 1; i >= 0 && c.history[i].Generation > generation; i-- {
		for file, text := range c.history[i].before {
			texts[file] = text
		}
	}
	return texts, nil
}

// commit makes new versions those that run, and starts a new generation.
func (c *codebase) commit(op *operation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := Generation{
		Generation: op.generation, Time: time.Now(), Reason: op.options.reason, Summary: op.report.Line(),
		before: map[string]string{}, after: map[string]string{},
	}
	for path, v := range op.versions {
		g.Files = append(g.Files, path)
		g.before[path], g.after[path] = v.oldText, v.text
		next := &source{text: v.text, proto: v.proto}
		if op.options.texts != nil {
			next.held = contentHash(v.disk)
		}
		if s := c.files[path]; op.options.Service != "" && s != nil {
			changed := *s
			changed.partial, next = next, &changed
		}
		c.files[path] = next
	}
	c.generation = op.generation
	c.history = append(c.history, g)
	if len(c.history) > historyLength {
		c.history = append([]Generation(nil), c.history[1:]...)
	}
}

// relocate takes over versions in which only lines moved.
func (c *codebase) relocate(op *operation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for path, v := range op.versions {
		c.files[path] = &source{text: v.text, proto: v.proto}
	}
}
