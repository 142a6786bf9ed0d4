package socket_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		report(socket.write(id, "string "), socket.write(id, 42), socket.write(id, { " list ", 1, " of", "" }), socket.write(id, {}), socket.write(id, ""))
		report(socket.lwrite(id, " low"))
		report(pcall(socket.write, id))
		report(pcall(socket.write, id, nil))
		report(pcall(socket.write, id, true))
		report(pcall(socket.write, id, { "a", {} }))
		report(pcall(socket.write, id, { "a", false }))
		report(pcall(socket.write, nil, "a"))
		socket.close(id)
	end`)
	c := r.dial(address)
	receive(t, c, "string 42 list 1 of low")
	receiveEnd(t, c)
	r.Expect("true true true true true", "true")
	for _, want := range []string{
		"string expected, got no value", "string expected, got nil", "string expected, got boolean",
		"Invalid strings table", "Invalid strings table", "number expected, got nil",
	} {
		if got := r.Next(); !strings.HasPrefix(got, "false ") || !strings.Contains(got, want) {
			t.Errorf("reported %s, want %s", got, want)
		}
	}
}

// TestSlowReader: writes never wait; the script is told when much is unsent, at each doubling, and at the end.
func TestSlowReader(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		if id == 2 then
			socket.warning(id, function(...) report("warning", ...) end)
		end
		local block = string.rep("x", 2^16)
		for i = 1, 16 * 16 do socket.write(id, block) end
		report("written")
		socket.read(id)
		socket.write(id, "end")
		socket.close(id)
		report("closed")
	end`)
	c := r.dial(address)
	r.Expect(`"written"`)
	for _, least := range []int{1024, 2048, 4096} {
		var kilobytes int
		if _, err := fmt.Sscanf(r.Next(), `"warning" 2 %d`, &kilobytes); err != nil || kilobytes < least || kilobytes > least+64 {
			t.Errorf("warning of %d KB (%v), want %d", kilobytes, err, least)
		}
	}
	if got, err := io.ReadFull(c, make([]byte, 16<<20)); err != nil {
		t.Fatalf("received %d bytes: %v", got, err)
	}
	for {
		got := r.Next()
		if got == `"warning" 2 0` {
			break
		}
		if !strings.HasPrefix(got, `"warning" 2 `) {
			t.Fatal(got)
		}
	}
	send(t, c, "go on")
	receive(t, c, "end")
	receiveEnd(t, c)
	r.Expect(`"closed"`)

	c = r.dial(address)
	r.Expect(`"written"`)
	r.Logged("K bytes need to send out (fd = 3)\n")
	reset(c)
	r.Expect(`"closed"`)
}

// TestOrder: what is written stays in order, and low goes behind high.
func TestOrder(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		local block = string.rep("x", 2^23)
		socket.write(id, block)
		socket.lwrite(id, "low1 ")
		socket.write(id, "high1 ")
		socket.lwrite(id, "low2 ")
		socket.write(id, "high2 ")
		socket.close(id)
		report("written")
	end`)
	c := r.dial(address)
	r.Expect(`"written"`) // before anything is read: all of it waits
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimLeft(string(b), "x"); len(b)-len(got) != 1<<23 || got != "high1 high2 low1 low2 " {
		t.Errorf("received %d bytes and %q", len(b)-len(got), got)
	}
}

// TestWriteToClosedPeer: the first write after the client is gone succeeds, as nobody knows yet.
func TestWriteToClosedPeer(t *testing.T) {
	r := newRig(t)
	address := r.serve(`function client(id)
		socket.start(id)
		report(socket.read(id))
		report(socket.write(id, "x"))
		repeat skynet.sleep(1) until not socket.write(id, "y")
		report("known")
		socket.close(id)
	end`)
	c := r.dial(address)
	_ = c.Close()
	r.Expect(`false ""`, "true", `"known"`)
}
