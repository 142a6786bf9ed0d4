package ws

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// FuzzMessage fails when a message is taken from the input that scan would judge otherwise, or when an ordinary one isn't.
func FuzzMessage(f *testing.F) {
	head := func(first, second byte, length ...byte) []byte {
		return append(append([]byte{first, second}, length...), 1, 2, 3, 4)
	}
	f.Add([]byte("\x81\x85\x00\x00\x00\x00hello\x89\x80\x00\x00\x00\x00"))
	f.Add([]byte("\x82\x80\x00\x00\x00\x00"))
	f.Add([]byte("\x81"))
	f.Add(head(0x81, 0x05))
	f.Add(append(head(0x82, 0xfe, 0, 126), make([]byte, 126)...))
	f.Add(append(head(0x82, 0xfe, 0, 125), make([]byte, 125)...))
	f.Add(append(head(0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0), make([]byte, 1<<16)...))
	f.Add(append(head(0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff), make([]byte, 1<<16)...))
	f.Add(head(0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))
	f.Add(append(head(0x82, 0xfe, 0xff, 0xff), make([]byte, 1<<16)...))
	f.Add([]byte("\x01\x81\x00\x00\x00\x00a"))
	f.Add([]byte("\xc1\x81\x00\x00\x00\x00a"))
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) == 0 {
			return
		}
		fresh := checker{limit: 70000, masked: true}
		start, size := fresh.message(p)
		scanned := fresh
		if size > 0 {
			p = p[:min(size, len(p))]
		}
		good, violation := scanned.scan(p)
		switch {
		case size == 0 && (p[0] == 0x81 || p[0] == 0x82) && violation == nil:
			t.Fatalf("not taken: %.20q", p)
		case size == 0:
		case violation != nil && violation.Code != StatusData:
			t.Fatalf("taken, though %v: %.20q", violation, p)
		case size <= len(p) && (good != size || scanned.left > 0 || scanned.have > 0):
			t.Fatalf("taken as a frame of %d bytes: %.20q", size, p)
		case size <= len(p) && int64(size-start) != scanned.length:
			t.Fatalf("taken with %d bytes: %.20q", size-start, p)
		}
		for name, c := range map[string]checker{
			"inside of a fragmented message": {limit: 70000, masked: true, inside: true},
			"inside of a header":             {limit: 70000, masked: true, have: 1},
			"inside of a payload":            {limit: 70000, masked: true, left: 1},
			"of a server":                    {limit: 70000},
		} {
			if _, size := c.message(p); size > 0 {
				t.Fatal("taken", name)
			}
		}
	})
}

// TestInput fails when bytes get lost between buffers, when there is no room for what must come, or when a buffer is kept
// for nothing.
func TestInput(t *testing.T) {
	var in input
	read := func(n int) []byte {
		t.Helper()
		p := in.room()
		if len(p) < n {
			t.Fatalf("room for %d bytes, want %d", len(p), n)
		}
		for i := range n {
			p[i] = byte(in.to + i)
		}
		in.to += n
		return bytes.Clone(in.bytes())
	}
	for _, c := range []struct{ have, handled, size, long int }{
		{100, 40, 200, keptBuffer},
		{keptBuffer, keptBuffer - 1, keptBuffer, keptBuffer},
		{keptBuffer, 0, keptBuffer + 1, longBuffer},
		{100, 100, 2, longBuffer}, // long from then on
		{longBuffer, longBuffer - 10, longBuffer, longBuffer},
	} {
		all := read(c.have)
		in.from += c.handled
		in.fit(c.size)
		if rest := all[c.handled:]; !bytes.Equal(in.bytes(), rest) {
			t.Fatalf("%+v: %d bytes are left, want %d", c, len(in.bytes()), len(rest))
		}
		if room := len(in.room()); in.to-in.from+room < c.size || len(in.buffer) != c.long {
			t.Fatalf("%+v: room for %d bytes in a buffer of %d", c, room, len(in.buffer))
		}
		rest := bytes.Clone(in.bytes())
		if left := in.release(); !bytes.Equal(left, rest) || in.buffer != nil || !in.empty() {
			t.Fatalf("%+v: released %d bytes, want %d", c, len(left), len(rest))
		}
	}
}

func TestMask(t *testing.T) {
	key := [4]byte{0x12, 0x34, 0x56, 0x78}
	for n := range 100 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i * 7)
		}
		want := bytes.Clone(b)
		for i := range want {
			want[i] ^= key[i%4]
		}
		other := make([]byte, n)
		Mask(other, b, key)
		Mask(b, b, key)
		if !bytes.Equal(b, want) || !bytes.Equal(other, want) {
			t.Fatalf("%d bytes: %x and %x, want %x", n, b, other, want)
		}
	}
}

func BenchmarkMask(b *testing.B) {
	p := make([]byte, 64<<10)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		Mask(p, p, [4]byte(binary.BigEndian.AppendUint32(nil, 0x12345678)))
	}
}
