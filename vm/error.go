package vm

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/luahost/luahost/vm/internal/bytecode"
)

// Error is an error that Lua code raised, or that a Go function returned to it.
type Error struct {
	Value     Value  // the error object: mostly a string with its position in front
	Traceback string // of the place where it was raised, if that is gone by now
	Cause     error  // the Go error that Value tells of, or nil
	fatal     bool   // no pcall stops it: a budget came to its end
	handled   bool   // an xpcall's message handler has seen it
}

// Error returns the message: the error object as a string if it is one, or a number.
func (e *Error) Error() string {
	if s, ok := ToString(e.Value); ok {
		return s
	}
	return fmt.Sprintf("(error object is a %s value)", e.Value.Kind())
}

// Unwrap returns Cause.
func (e *Error) Unwrap() error { return e.Cause }

// Fatal reports whether the error is the end of a budget, which Lua code can't catch.
func (e *Error) Fatal() bool { return e.fatal }

// NewError makes an error of any Lua value, as Lua's error does without a position.
func NewError(v Value) *Error { return &Error{Value: v} }

// NewFatalError makes an error that no pcall stops, of which cause tells the embedder more.
func NewFatalError(cause error) *Error {
	return &Error{Value: String(cause.Error()), Cause: cause, fatal: true}
}

func isFatal(err error) bool {
	e, ok := err.(*Error)
	return ok && e.fatal
}

// NewFatal makes an error that no pcall stops: it ends the task.
func NewFatal(reason string) *Error { return &Error{Value: String(reason), fatal: true} }

// request is what Go functions return to have something done, not to report an error.
type request uint8

const (
	errCall request = iota
	errResume
	errYielded
	errSuspended
)

func (r request) Error() string {
	return [...]string{"a call was asked for", "a coroutine was asked for", "coroutine yielded", "task suspended"}[r]
}

var (
	errBoundary = errors.New("attempt to yield across a Go-call boundary")
	errOutside  = errors.New("attempt to yield from outside a coroutine")
)

// PanicError tells of a Go function that panicked.
type PanicError struct {
	Reason any
	Stack  []byte // Go's
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic in a Go function: %v", e.Reason) }

// Raise panics so that the Go function that runs fails with err, as if it had returned it.
func Raise(err error) { panic(raised{err}) }

type raised struct{ err error }

// Recovered makes an error of what recover returned, as the interpreter does when a Go function panics.
func Recovered(r any) error {
	switch r := r.(type) {
	case *Error:
		return r
	case raised:
		return r.err
	}
	return &PanicError{Reason: r, Stack: debug.Stack()}
}

// asError gives a Go error the form and the position of a Lua error.
func (t *Thread) asError(err error) *Error {
	if e, ok := err.(*Error); ok {
		return e
	}
	return &Error{Value: String(t.where(1) + err.Error()), Cause: err}
}

// errorf makes an error with the position of the running function, if that is a Lua function.
func (t *Thread) errorf(format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...)
	if t.ci.isLua() {
		message = t.ci.where() + message
	}
	return &Error{Value: String(message)}
}

// where returns "source:line: " of the function at a level (0 is the running one), or "".
func (t *Thread) where(level int) string {
	f := t.frameAt(level)
	if f == nil {
		return ""
	}
	if f.line() > 0 {
		return f.where()
	}
	return ""
}

// where returns "source:line: " of a Lua function; as in C Lua, the line is 0 when the code was stripped.
func (f *frame) where() string {
	return fmt.Sprintf("%s:%d: ", bytecode.ChunkID(f.proto.source.Source), f.line())
}

// Where returns "source:line: " of the function at a level: 0 is the Go function itself, 1 the one that called it.
// It is "" where there is no such position.
func (c *Call) Where(level int) string { return c.thread.where(level) }

// frameAt returns the frame at a level of the stack, 0 being the running function, or nil.
func (t *Thread) frameAt(level int) *frame {
	t.state.work(level * frameWork)
	f := t.ci
	for ; f != &t.root && level > 0; level-- {
		f = f.prev
	}
	if f == &t.root {
		return nil
	}
	return f
}

func (f *frame) isLua() bool { return f.flags&frameGo == 0 }

// line returns the current line of a Lua function, 0 when the code was stripped, or -1.
func (f *frame) line() int {
	if !f.isLua() {
		return -1
	}
	return f.proto.line(f.pc - 1)
}

// line returns the line of an instruction, or 0 when the code was stripped.
func (p *Proto) line(pc int) int {
	if pc < 0 {
		pc = 0
	}
	if pc < len(p.source.LineInfo) {
		return int(p.source.LineInfo[pc])
	}
	return 0
}
