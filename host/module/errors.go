package module

import (
	"errors"
	"fmt"

	"github.com/luahost/luahost/vm"
)

// ArgError returns the error of a bad argument, for a function to return: "bad argument #i to 'name' (message)".
// Arguments are counted from 1, as scripts see them: without what the module provides, and without the object of a
// method.
func ArgError(i int, format string, args ...any) error {
	return &argError{i, fmt.Sprintf(format, args...)}
}

type argError struct {
	i       int
	message string
}

func (e *argError) Error() string { return fmt.Sprintf("bad argument #%d (%s)", e.i, e.message) }

// raise makes a Lua error of what a Go function returned. shift is 1 for methods, else 0.
func raise(c *vm.Call, err error, shift int) error {
	if err == nil {
		return nil
	}
	var a *argError
	if errors.As(err, &a) {
		return c.ArgError(a.i+shift, a.message)
	}
	return err
}

// ReturnErrors wraps a Go function for Func or Method: its error is not raised but returned to Lua as nil and the
// message, in the manner of Lua's io.open. Errors of ArgError are raised.
func ReturnErrors(fn any) any { return returnErrors{fn} }

type returnErrors struct{ fn any }

// errGone is the error of a function that ended its goroutine instead of returning.
var errGone = errors.New("the function ended without returning (runtime.Goexit)")
