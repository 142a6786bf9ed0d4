package host

// WithReplacements has modules and services of the library take the place of files of the same name on the user's paths
// that don't compile: those that were written for a later Lua. The log tells of each file once.
func WithReplacements() Option {
	return func(o *options) error {
		o.replace = true
		return nil
	}
}

// replacedKey is the key of a file that has given way.
type replacedKey struct{ file string }

// replaces reports whether the library's counterpart is taken in the place of a file that does not compile.
func (h *Host) replaces(file string, err error) bool {
	if !h.options.replace {
		return false
	}
	told := true
	h.Local(replacedKey{file}, func() any {
		told = false
		return true
	})
	if !told {
		h.Logf(0, "%v; luahost's own takes the place of %s", err, file)
	}
	return true
}
