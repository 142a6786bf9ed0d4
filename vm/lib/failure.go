package lib

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/luahost/luahost/vm"
)

// pushOutcome gives true, or what a function of io and os returns when the system refuses: nil, a message that begins
// with the file's name if there is one, and C's number of the error.
func pushOutcome(c *vm.Call, name string, err error) error {
	if err != nil {
		return pushFailure(c, name, err)
	}
	return c.Return(vm.Bool(true))
}

func pushFailure(c *vm.Call, name string, err error) error {
	var e *vm.Error
	if errors.As(err, &e) {
		return e // an error of the state, not of the system
	}
	message := Reason(err)
	if name != "" {
		message = name + ": " + message
	}
	c.Push(vm.Nil(), c.State().NewString(message), vm.Int(errno(err)))
	return nil
}

// Reason words an error of a file as C's strerror does.
func Reason(err error) string {
	var code syscall.Errno
	message := err.Error()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "No such file or directory"
	case errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EPERM):
		return "Permission denied"
	case errors.Is(err, fs.ErrExist) && !errors.Is(err, syscall.ENOTEMPTY):
		return "File exists"
	case errors.Is(err, os.ErrClosed):
		return "Bad file descriptor"
	case errors.As(err, &code):
		message = code.Error()
	}
	first, n := utf8.DecodeRuneInString(message)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(message[n:], ".")
}

// errno returns the number of an error: the system's, or C's for those that all systems know.
func errno(err error) int {
	var code syscall.Errno
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 2
	case errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EPERM):
		return 13
	case errors.Is(err, fs.ErrExist) && !errors.Is(err, syscall.ENOTEMPTY):
		return 17
	case errors.Is(err, os.ErrClosed):
		return 9
	case errors.As(err, &code):
		return int(code)
	}
	return 5
}

// checkOption returns argument i, which must be one of some words; def stands for one that is absent, unless it is "".
func checkOption(c *vm.Call, i int, def string, words ...string) string {
	var word string
	if def == "" {
		word = c.CheckString(i)
	} else {
		word = c.OptString(i, def)
	}
	for _, w := range words {
		if w == word {
			return word
		}
	}
	panic(c.ArgError(i, "invalid option '"+word+"'"))
}
