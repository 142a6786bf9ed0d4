package socket

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/vm"
)

// TestBuffer compares a buffer with a plain slice over random operations.
func TestBuffer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	state := vm.NewState(vm.Options{})
	given := 0
	for range 80 {
		b := buffer{pool: new(sockets.Buffers)}
		var want []byte
		for range 100 {
			switch op := random.IntN(10); {
			case op < 5:
				p := randomPiece(random)
				from := random.IntN(3) * random.IntN(20)
				lent := append(make([]byte, from), p...)
				b.given = false
				b.lend(lent, from)
				if random.IntN(2) == 0 {
					n := random.IntN(b.len() + 1)
					if got := vm.Text(b.take(state, n)); got != string(append(want, p...)[:n]) {
						t.Fatalf("take(%d) of lent bytes differs", n)
					}
					want = append(want, p...)[n:]
				} else {
					want = append(want, p...)
				}
				b.keep()
				if b.given {
					given++
				} else {
					clear(lent[:cap(lent)]) // the lender goes on with them
				}
			case op < 6:
				p := randomPiece(random)
				n := b.len() + random.IntN(2*len(p))
				taken := b.fill(p, n)
				want = append(want, p[:taken]...)
				if taken != min(len(p), n-len(want)+taken) {
					t.Fatalf("fill(%d) takes %d bytes of %d", n, taken, len(p))
				}
				clear(p)
			case op < 8:
				n := random.IntN(min(b.len(), 100_000) + 1)
				if got := vm.Text(b.take(state, n)); got != string(want[:n]) {
					t.Fatalf("take(%d) differs", n)
				}
				want = want[n:]
			default:
				separator := []string{"a", "ab", "aab", "b\n"}[random.IntN(4)]
				b.seen = 0
				n, ok := b.line(separator)
				if i := bytes.Index(want, []byte(separator)); ok != (i >= 0) || ok && n != i {
					t.Fatalf("line(%q) = %d %v, want %d", separator, n, ok, i)
				}
			}
			if b.len() != len(want) {
				t.Fatalf("%d bytes, want %d", b.len(), len(want))
			}
			if len(want) == 0 && b.array != nil {
				t.Fatal("an empty buffer keeps its memory")
			}
		}
	}
	if given == 0 {
		t.Error("nothing that was lent is ever kept")
	}
}

func randomPiece(random *rand.Rand) []byte {
	p := make([]byte, random.IntN([]int{2, 20, 5000, 70_000}[random.IntN(4)])+1)
	for i := range p {
		p[i] = "aaab\n"[random.IntN(5)]
	}
	return p
}

// TestLineGoesOn: a separator is found over all borders between pieces, without looking at everything again.
func TestLineGoesOn(t *testing.T) {
	const text = "xx--x---+rest"
	for i := range len(text) - 4 {
		b := buffer{pool: new(sockets.Buffers)}
		b.lend([]byte(text[:i]), 0)
		n, ok := b.line("--+")
		if want := i >= 9; ok != want {
			t.Errorf("%q: %d %v", text[:i], n, ok)
		}
		if ok {
			continue
		}
		b.lend([]byte(text[i:]), 0)
		if n, ok = b.line("--+"); !ok || n != 6 {
			t.Errorf("%q, %q: %d %v", text[:i], text[i:], n, ok)
		}
	}
}

func BenchmarkBufferFrame(b *testing.B) {
	pool := new(sockets.Buffers)
	buf := buffer{pool: pool}
	frame, state := make([]byte, 38), vm.NewState(vm.Options{})
	b.ReportAllocs()
	for b.Loop() {
		buf.lend(frame, 0)
		for _, n := range []int{2, 4, 32} {
			buf.take(state, n)
		}
		buf.keep()
	}
}
