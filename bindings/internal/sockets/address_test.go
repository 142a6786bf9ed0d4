package sockets

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestAddress(t *testing.T) {
	for text, size := range map[string]int{"127.0.0.1:8001": 7, "[::1]:53": 19, "[::ffff:1.2.3.4]:5": 7, "[fe80::1]:65535": 19} {
		a := netip.MustParseAddrPort(text)
		s := EncodeAddress(a)
		back, ok := DecodeAddress(s)
		if len(s) != size || !ok || back.Port() != a.Port() || back.Addr() != a.Addr().Unmap() {
			t.Errorf("%s: %d bytes, %v, %v", text, len(s), back, ok)
		}
	}
	for _, bad := range []string{"", "\x01", "\x02123456", "\x01123456789012345678", "\x03123456"} {
		if a, ok := DecodeAddress(bad); ok {
			t.Errorf("%q is %v", bad, a)
		}
	}
}

func TestReason(t *testing.T) {
	for want, err := range map[string]error{
		"Connection refused":        &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
		"Connection reset by peer":  fmt.Errorf("x: %w", syscall.ECONNRESET),
		"Broken pipe":               syscall.EPIPE,
		"Name or service not known": &net.DNSError{Err: "no such host", IsNotFound: true},
		"Server misbehaving":        &net.DNSError{Err: "server misbehaving"},
		"Invalid port":              &net.AddrError{Err: "invalid port", Addr: "70000"},
		"Connection timed out":      os.ErrDeadlineExceeded,
		"socket closed":             io.EOF,
		"something else":            errors.New("something else"),
		"invalid socket":            ErrInvalid,
	} {
		if got := Reason(err); got != want {
			t.Errorf("Reason(%v) = %q, want %q", err, got, want)
		}
	}
}

func TestBackOff(t *testing.T) {
	var b backOff
	now := time.Unix(1000, 0)
	var reports int
	var last time.Duration
	for range 100 {
		delay, report := b.next(now)
		if report {
			reports++
		}
		if delay < last || delay > maxBackOff {
			t.Fatalf("%v after %v", delay, last)
		}
		last = delay
		now = now.Add(delay)
	}
	if last != maxBackOff || reports < 9 || reports > 11 {
		t.Errorf("%d reports in %v, last delay %v", reports, now.Sub(time.Unix(1000, 0)), last)
	}
}

func TestNetwork(t *testing.T) {
	for host, want := range map[string]string{"0.0.0.0": "tcp4", "127.0.0.1": "tcp4", "::": "tcp", "::1": "tcp", "localhost": "tcp", "": "tcp"} {
		if got := network("tcp", host); got != want {
			t.Errorf("network(%q) = %q, want %q", host, got, want)
		}
	}
}
