package socket_test

import (
	"strings"
	"testing"
)

// TestRead has a client that sends pieces, each when the one before has arrived, and then ends.
func TestRead(t *testing.T) {
	tests := []struct {
		name   string
		pieces string // separated by |
		script string // reads from id
		want   string // reports, separated by newlines
	}{
		{"some", "abc", `report(socket.read(id)) report(socket.read(id)) report(socket.read(id))`,
			`"abc"` + "\n" + `false ""` + "\n" + `false ""`},
		{"exactly", "ab|cdefg", `report(socket.read(id, 3)) report(socket.read(id, 1)) report(socket.read(id, 0)) report(socket.read(id, 9))`,
			`"abc"` + "\n" + `"d"` + "\n" + `""` + "\n" + `false "efg"`},
		{"rest after the end", "abcdef", `socket.block(id) repeat skynet.sleep(1) until socket.disconnected(id) report(true) report(socket.read(id, 2)) report(socket.read(id)) report(socket.read(id, 1))`,
			"true\n" + `"ab"` + "\n" + `"cdef"` + "\n" + `false ""`},
		{"line", "one\ntwo\r|\nrest", `report(socket.readline(id)) report(socket.readline(id, "\r\n")) report(socket.readline(id))`,
			`"one"` + "\n" + `"two"` + "\n" + `false "rest"`},
		{"separator over packets", "ab-|-|-cd---", `report(socket.readline(id, "---")) report(socket.readline(id, "---")) report(socket.readline(id, "---"))`,
			`"ab"` + "\n" + `"cd"` + "\n" + `false ""`},
		{"separator that begins twice", "--|-+x", `report(socket.readline(id, "--+")) report(socket.read(id))`,
			`"-"` + "\n" + `"x"`},
		{"empty lines", "\n\n\nx\n", `for i = 1, 4 do report(socket.readline(id)) end`,
			`""` + "\n" + `""` + "\n" + `""` + "\n" + `"x"`},
		{"another separator", "a b;c", `report(socket.readline(id, ";")) report(socket.readline(id, "c"))`,
			`"a b"` + "\n" + `""`},
		{"all", "ab|cd|ef", `report(socket.readall(id)) report(socket.readall(id))`,
			`"abcdef"` + "\nfalse"},
		{"all of nothing", "", `report(socket.readall(id)) report(socket.readall(id))`,
			`""` + "\nfalse"},
		{"all of the rest", "abc", `socket.block(id) repeat skynet.sleep(1) until socket.disconnected(id) report(socket.readall(id)) report(socket.readall(id))`,
			`"abc"` + "\nfalse"},
		{"block", "ab", `report(socket.block(id)) report(socket.block(id)) report(socket.read(id)) report(socket.block(id)) report(socket.block(id))`,
			"true\ntrue\n" + `"ab"` + "\nfalse\nfalse"},
		{"zero bytes in data", "a\x00b", `report(socket.read(id, 3))`, `"a\x00b"`},
		{"connected", "a", `report(socket.disconnected(id), socket.invalid(id)) report(socket.read(id, 2)) report(socket.disconnected(id), socket.invalid(id))
			socket.close(id) report(socket.disconnected(id)) report(socket.invalid(id))`,
			"false false\n" + `false "a"` + "\ntrue false\n\ntrue"},
		{"after close", "a", `socket.close(id) report(pcall(socket.read, id)) report(pcall(socket.readline, id)) report(pcall(socket.readall, id)) report(pcall(socket.limit, id, 1)) report(socket.block(id)) report(socket.write(id, "x"))`,
			strings.Repeat(`false "assertion failed!"`+"\n", 4) + "false\nfalse"},
		{"after abandon", "a", `socket.abandon(id) report(pcall(socket.read, id)) socket.abandon(id) socket.close_fd(id) report(socket.write(id, "x"))`,
			`false "assertion failed!"` + "\nfalse"},
		{"second close", "a", `socket.close(id) socket.close(id) socket.close(id) report("done")`, `"done"`},
		{"write after the end", "a", `report(socket.read(id, 2)) report(socket.write(id, "x"))`, `false "a"` + "\ntrue"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			address := r.serve(`function client(id)
				report(socket.start(id) == id)
				` + tt.script + `
				socket.close(id)
				report("end")
			end`)
			c := r.dial(address)
			r.Expect("true")
			for _, piece := range strings.Split(tt.pieces, "|") {
				send(t, c, piece)
				r.pause()
			}
			_ = c.CloseWrite()
			r.Expect(strings.Split(tt.want, "\n")...)
			r.Expect(`"end"`)
		})
	}
}

// TestReadLarge reads more than fits in any buffer, in all ways.
func TestReadLarge(t *testing.T) {
	const size = 3<<20 + 17
	data := strings.Repeat("0123456789abcdef", size/16+1)[:size]
	for name, script := range map[string]string{
		"exactly":    `local s = socket.read(id, size)`,
		"all":        `local s = socket.readall(id)`,
		"line":       `local s = socket.readline(id, "cdef0X")`,
		"some":       `local t, n = {}, 0 while n < size do local s = socket.read(id) t[#t + 1] = s n = n + #s end local s = table.concat(t)`,
		"odd pieces": `local t, n = {}, 0 while n < size do local k = n % 7919 + 1 if n + k > size then k = size - n end t[#t + 1] = socket.read(id, k) n = n + k end local s = table.concat(t)`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			address := r.serve(`local size = 3 * 2^20 + 17
			function client(id)
				socket.start(id)
				` + script + `
				report(#s)
				socket.write(id, s)
				socket.close(id)
			end`)
			c := r.dial(address)
			sent := data
			if name == "line" {
				sent += "cdef0X"
			}
			go sendAndEnd(c, sent)
			r.Expect("3145745")
			receive(t, c, data)
			receiveEnd(t, c)
		})
	}
}

// TestOneReader: a second coroutine may only read what is there already.
func TestOneReader(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		skynet.fork(function() report("first", socket.read(id, 5)) socket.close(id) end)
		skynet.fork(function()
			report(pcall(socket.read, id))
			report(pcall(socket.read, id, 2))
			report(pcall(socket.readline, id))
			report(pcall(socket.readall, id))
			report(pcall(socket.block, id))
			arrived(id, 3)
			report("beside", socket.read(id, 2))
			socket.write(id, "more")
		end)
	end`)
	c := r.dial(address)
	for range 5 {
		r.Expect(`false "assertion failed!"`)
	}
	send(t, c, "abc")
	r.Expect(`"beside" "ab"`)
	receive(t, c, "more")
	send(t, c, "defg")
	r.Expect(`"first" "cdefg"`)
	receiveEnd(t, c)
}

// TestReadAcrossGoBoundary: where a coroutine can't be suspended, a read that would wait raises an error, and the
// socket can still be read.
func TestReadAcrossGoBoundary(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		report(pcall(table.sort, {1, 2}, function() return socket.read(id) end))
		report(socket.read(id))
		socket.close(id)
	end`)
	c := r.dial(address)
	if got := r.Next(); !strings.Contains(got, "attempt to yield across a Go-call boundary") {
		t.Fatal(got)
	}
	send(t, c, "x")
	r.Expect(`"x"`)
}

func TestFlowControl(t *testing.T) {
	r := newRig(t)
	address := r.serve(`local go
	function client(id)
		if id == 3 then go = true return end
		socket.start(id)
		while not go do skynet.sleep(1) end
		local n = 0
		while true do
			local s = socket.read(id, 1000)
			if not s then break end
			n = n + #s
		end
		report(n)
		socket.close(id)
	end`)
	c := r.dial(address)
	const total = 8 << 20 / 1000 * 1000
	go sendAndEnd(c, strings.Repeat("x", total))
	r.Logged("Pause socket (2) size : ")
	r.dial(address)
	r.Expect("8388000")
	r.Logged("Resume socket (2)")
}

func TestPause(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		socket.pause(id)
		socket.pause(id)
		report("paused")
		skynet.sleep(5)
		report(socket.read(id))
		socket.pause(id)
		report(socket.read(id))
		socket.pause(id)
		socket.close(id)
		report("closed")
	end`)
	c := r.dial(address)
	r.Expect(`"paused"`)
	send(t, c, "abc")
	r.Expect(`"abc"`)
	_ = c.CloseWrite()
	r.Expect(`false ""`, `"closed"`)
	if got := strings.Count(r.Log.String(), "Pause socket (2)\n"); got != 3 {
		t.Errorf("%d lines of pauses, want 3", got)
	}
}

func TestLimit(t *testing.T) {
	tests := map[string]struct{ read, want string }{
		"nobody reads":   {`repeat skynet.sleep(1) until socket.disconnected(id) report(socket.read(id))`, `"0123456789"`},
		"line":           {`report(socket.readline(id))`, `false "0123456789"`},
		"all":            {`report(socket.readall(id))`, `"0123456789"`},
		"reads a number": {`report(socket.read(id, 10))`, `"0123456789"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			address := r.serve(`function client(id)
				socket.start(id)
				socket.limit(id, 8)
				report("ready")
				` + tt.read + `
				socket.close(id)
			end`)
			c := r.dial(address)
			r.Expect(`"ready"`)
			send(t, c, "0123456789")
			r.Expect(tt.want)
			over := strings.Contains(r.Log.String(), "socket buffer overflow: fd=2 size=10")
			if want := name != "reads a number"; over != want {
				t.Errorf("overflow logged: %v", over)
			}
			receiveEnd(t, c)
		})
	}
}

func TestHeader(t *testing.T) {
	r := newRig(t)
	r.Start(`
		report(socket.header("\1"), socket.header("\1\2"), socket.header("\1\2\3"), socket.header("\255\2\3\4"))
		report(pcall(socket.header, ""))
		report(pcall(socket.header, "12345"))`)
	r.Expect("1 258 66051 4278321924", `false "Invalid read "`, `false "Invalid read 12345"`)
}
