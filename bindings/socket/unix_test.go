//go:build unix

package socket_test

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/luahost/luahost/internal/conntest"
)

// dup returns a copy of a descriptor for a script to take over, and closes f.
func dup(t *testing.T, f *os.File) int {
	t.Helper()
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	return fd
}

func TestBind(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := conntest.Pair(t)
	file, err := theirs.File()
	if err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	r := newRig(t)
	r.Launch(`local pipe, tcp = ...
		skynet.start(function()
			pipe, tcp = socket.bind(tonumber(pipe)), socket.bind(tonumber(tcp))
			report(pipe, tcp)
			report(socket.bind(-1))
			report(socket.bind(12345))
			report(socket.readline(pipe))
			report(socket.readall(pipe))
			socket.close(pipe)
			socket.write(tcp, "hello")
			report(socket.readall(tcp))
			socket.close(tcp)
			report("closed")
		end)`, strconv.Itoa(dup(t, in)), strconv.Itoa(dup(t, file)))
	r.Expect("1 2", `nil "invalid socket"`, `nil "invalid socket"`)
	_, _ = out.WriteString("line\nrest")
	r.Expect(`"line"`)
	_ = out.Close()
	r.Expect(`"rest"`)
	receive(t, ours, "hello")
	send(t, ours, "there")
	_ = ours.CloseWrite()
	r.Expect(`"there"`, `"closed"`)
	receiveEnd(t, ours)
}

// TestAcceptOutOfDescriptors: clients wait in the kernel while the process has too many files open.
func TestAcceptOutOfDescriptors(t *testing.T) {
	r := newRig(t)
	service := r.Start(`
	local function client(id)
		socket.start(id)
		socket.write(id, "in")
		socket.close(id)
		report("served")
	end
	skynet.start(function()
		local id, host, port = socket.listen("127.0.0.1", 0)
		report(port)
		skynet.dispatch("lua", function() socket.start(id, client) end)
	end)`)
	address := "127.0.0.1:" + r.Next()
	for range 3 {
		r.dial(address)
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	low := was
	low.Cur = uint64(openFiles(t))
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was) }()
	if err := r.Host.Send(service, "accept"); err != nil {
		t.Fatal(err)
	}
	r.Logged("socket: accept error: Too many open files")
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	r.Expect(`"served"`, `"served"`, `"served"`)
	if n := strings.Count(r.Log.String(), "accept error"); n != 1 {
		t.Errorf("%d lines, want 1", n)
	}
}

// openFiles returns a number above those of all open descriptors but not above the next free one.
func openFiles(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Close(fd)
	return fd
}
