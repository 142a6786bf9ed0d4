package sockets

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"unicode"
	"unicode/utf8"
)

// Reason words an error of the network as C's strerror does, and skynet: "Connection refused".
func Reason(err error) string {
	var number syscall.Errno
	var lookup *net.DNSError
	var bad *net.AddrError
	switch {
	case errors.As(err, &number):
		return capitalize(errnoText(number))
	case errors.As(err, &lookup):
		if lookup.IsNotFound {
			return "Name or service not known"
		}
		return capitalize(lookup.Err)
	case errors.As(err, &bad):
		return capitalize(bad.Err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "Connection timed out"
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return ErrClosed.Error()
	}
	return err.Error()
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// listenError names the address that could not be listened on.
func listenError(address string, err error) error {
	return fmt.Errorf("%s: %s", address, Reason(err))
}
