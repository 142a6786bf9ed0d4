package ws_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/luahost/luahost/internal/ws"
)

// The tests here cover what the Autobahn suite's larger families (7, 9, 10, 12 and 13) try.

// fragments cuts a message into frames.
func fragments(op byte, message string, size int) []byte {
	var b []byte
	first := op & 0x0f
	for len(message) > size {
		b = append(b, frame(first, message[:size])...)
		first, message = 0, message[size:]
	}
	return append(b, frame(0x80|first, message)...)
}

// chop writes b in pieces.
func (r *raw) chop(b []byte, size int) {
	for len(b) > 0 {
		n := min(size, len(b))
		if _, err := r.Write(b[:n]); err != nil {
			return // the reader tells
		}
		b = b[n:]
	}
}

func TestLargeMessages(t *testing.T) {
	size := 4 << 20
	if testing.Short() {
		size = 1 << 18
	}
	s := serve(t, ws.Options{Limits: ws.Limits{Message: 16 << 20, Queue: 32 << 20}})
	r := s.dial(nil)
	message := strings.Repeat("BAsd7&jh23", size/10+1)[:size]
	for _, op := range []byte{text, binaryFrame} {
		for _, n := range []int{64, 1300, 16 << 10, 64 << 10, 1 << 20, size} {
			go r.chop(fragments(op, message, n), len(message)*2)
			r.expect(op, message)
		}
		for _, n := range []int{64, 512, 2 << 10} { // octets a write
			go r.chop(frame(op, message[:size/8]), n)
			r.expect(op, message[:size/8])
		}
	}
}

func TestManyMessages(t *testing.T) {
	s := serve(t, ws.Options{})
	r := s.dial(nil)
	for _, size := range []int{0, 16, 64, 256, 1 << 10, 2040, 2048, 4 << 10, 32 << 10} {
		message := strings.Repeat("*", size)
		for range 300 {
			r.send(frame(binaryFrame, message))
			r.expect(binaryFrame, message)
		}
	}
}

// TestBehindTheClose fails when something is answered that comes behind a close frame.
func TestBehindTheClose(t *testing.T) {
	s := serve(t, ws.Options{})
	long := strings.Repeat("x", 256<<10)
	for name, c := range map[string]struct{ before, behind []byte }{
		"text":        {nil, frame(text, "no")},
		"close again": {nil, closeFrame(1000, "")},
		"ping":        {nil, frame(ping, "no")},
		"half":        {frame(0x01, "half"), frame(0x80, "no")},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.dial(join(c.before, closeFrame(1000, "bye"), c.behind))
			r.expectClose(1000)
		})
	}
	r := s.dial(join(frame(text, long), closeFrame(1000, ""), frame(ping, "")))
	r.expect(text, long)
	r.expectClose(1000)
}

// inflate is the other side of deflate.
func inflate(t *testing.T, payload string) string {
	t.Helper()
	b, err := io.ReadAll(flate.NewReader(strings.NewReader(payload + "\x00\x00\xff\xff\x01\x00\x00\xff\xff")))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDeflatedMessages(t *testing.T) {
	s := serve(t, ws.Options{Compression: true, Threshold: 1})
	rounds := 100
	if testing.Short() {
		rounds = 20
	}
	for _, offer := range []string{
		"permessage-deflate",
		"permessage-deflate; client_no_context_takeover; server_no_context_takeover",
		"permessage-deflate; client_max_window_bits; server_max_window_bits=9",
		"permessage-deflate; client_no_context_takeover; server_max_window_bits=15, permessage-deflate",
	} {
		r := s.dial(nil, "Sec-WebSocket-Extensions: "+offer)
		for _, size := range []int{16, 64, 256, 1 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10, 128 << 10} {
			message := strings.Repeat(`{"name": "value", "list": [1, 2, 3]} `, size/37+1)[:size]
			packed := deflate(t, []byte(message))
			for i := range min(rounds, 4<<20/size) {
				piece := len(packed)
				if i%2 == 1 { // in frames
					piece = len(packed)/4 + 1
				}
				b := fragments(text, packed, piece)
				b[0] |= 0x40
				r.send(b)
				first, payload, err := r.next()
				if err != nil || first != 0xc1 {
					t.Fatalf("%s, %d bytes: got %#x, %v", offer, size, first, err)
				}
				if got := inflate(t, payload); got != message {
					t.Fatalf("%s, %d bytes: %d came back", offer, size, len(got))
				}
			}
		}
		r.send(frame(text, "not compressed")) // is allowed, too
		if first, payload, err := r.next(); err != nil || first != 0xc1 || inflate(t, payload) != "not compressed" {
			t.Fatalf("got %#x, %v", first, err)
		}
		r.send(closeFrame(1000, ""))
		r.expectClose(1000)
	}
}

// TestDeflateWindow fails when the server looks further back than the client's inflater can: noise that comes twice, at a
// greater distance than the window, must not get smaller.
func TestDeflateWindow(t *testing.T) {
	s := serve(t, ws.Options{Compression: true, Threshold: 1})
	source := rand.NewChaCha8([32]byte{1})
	for bits := 8; bits <= 15; bits++ {
		noise := make([]byte, 1<<bits+64)
		_, _ = source.Read(noise)
		message := string(bytes.Repeat(noise, 2))
		r := s.dial(nil, fmt.Sprintf("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=%d", bits))
		r.send(frame(binaryFrame, message))
		first, payload, err := r.next()
		if err != nil || first != 0xc2 || inflate(t, payload) != message {
			t.Fatalf("%d bits: got %#x, %v", bits, first, err)
		}
		if len(payload) < len(message)*9/10 {
			t.Errorf("%d bits: %d bytes became %d", bits, len(message), len(payload))
		}
	}
}
