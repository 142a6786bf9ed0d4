package netpack

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestQueue cuts the packets of two sockets anywhere, mixed.
func TestQueue(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		streams := map[int][]byte{}
		want := map[int][]string{}
		for id := 1; id <= 2; id++ {
			for range r.IntN(6) {
				text := strings.Repeat(string(rune('a'+r.IntN(26))), r.IntN(5))
				b, err := Pack([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				streams[id] = append(streams[id], b...)
				want[id] = append(want[id], text)
			}
		}
		var q Queue
		got := map[int][]string{}
		maps.DeleteFunc(want, func(_ int, packets []string) bool { return len(packets) == 0 })
		for len(streams[1])+len(streams[2]) > 0 {
			id := 1 + r.IntN(2)
			n := min(r.IntN(4), len(streams[id]))
			q.Add(id, streams[id][:n])
			streams[id] = streams[id][n:]
			drain(&q, got, r.IntN(3))
		}
		drain(&q, got, -1)
		if len(q.partial) != 0 {
			t.Fatalf("round %d: %d sockets left bytes", round, len(q.partial))
		}
		if !maps.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("round %d: got %v, want %v", round, got, want)
		}
	}
}

func drain(q *Queue, got map[int][]string, n int) {
	for ; n != 0; n-- {
		p, ok := q.Pop()
		if !ok {
			return
		}
		got[p.ID] = append(got[p.ID], string(p.Data))
	}
}

func TestPack(t *testing.T) {
	b, err := Pack([]byte("hello"))
	if err != nil || !bytes.Equal(b, []byte("\x00\x05hello")) {
		t.Errorf("got %q, %v", b, err)
	}
	if b, err = Pack(make([]byte, MaxPacket)); err != nil || len(b) != MaxPacket+2 || b[0] != 0xff || b[1] != 0xff {
		t.Errorf("the longest packet: %d bytes, %v", len(b), err)
	}
	if _, err = Pack(make([]byte, MaxPacket+1)); err == nil {
		t.Error("a packet that is too long was packed")
	}
}

func TestForget(t *testing.T) {
	var q Queue
	q.Add(1, []byte("\x00\x05hel"))
	q.Forget(1)
	if q.Add(1, []byte("\x00\x01x")) != 1 {
		t.Error("bytes of a socket that was forgotten are left")
	}
}
