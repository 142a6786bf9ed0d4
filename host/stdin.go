package host

import "io"

// WithStdin replaces the standard input that scripts read; the default is the process's.
func WithStdin(r io.Reader) Option {
	return func(o *options) error {
		o.stdin = r
		return nil
	}
}

// Stdin returns the standard input that scripts read.
func (h *Host) Stdin() io.Reader { return h.options.stdin }
