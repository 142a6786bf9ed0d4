package client_test

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/luahost/luahost/bindings/client"
	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// TestClient is a program that talks to a server which answers in capital letters and then ends.
func TestClient(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		b, _ := io.ReadAll(c)
		_, _ = c.Write([]byte(strings.ToUpper(string(b))))
	}()
	state := vm.NewState(vm.Options{})
	lib.New(lib.Options{Stdout: io.Discard}).Open(state)
	module, end := client.Open(state, strings.NewReader("first\r\nsecond"))
	defer end()
	state.Globals().SetString("socket", module)
	state.Globals().SetString("port", vm.Int(l.Addr().(*net.TCPAddr).Port))
	f, err := state.Load(`
		local fd = socket.connect("127.0.0.1", port)
		assert(socket.recv(fd) == nil)
		socket.send(fd, "hello")
		socket.shutdown(fd, "w")
		local function poll(f, ...)
			for _ = 1, 500 do
				local v = f(...)
				if v then return v end
				socket.usleep(10000)
			end
			error "nothing came"
		end
		local text = ""
		repeat
			local more = poll(socket.recv, fd)
			text = text .. more
		until more == ""
		assert(text == "HELLO", text)
		assert(socket.recv(fd) == "")
		socket.close(fd)
		assert(not pcall(socket.send, fd, "x"))
		assert(poll(socket.readstdin) == "first")
		assert(poll(socket.readstdin) == "second")
		assert(socket.readstdin() == nil)
		local ok, err = pcall(socket.connect, "127.0.0.1", 1)
		assert(not ok and err:find "Connect 127.0.0.1:1 failed", err)
	`, "=client", "t", state.Globals().Value())
	if err == nil {
		_, err = state.Main().Call(f)
	}
	if err != nil {
		t.Fatal(err)
	}
}
