package host

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/vm"
)

// Addresses count up, are not used again soon, and begin anew at the end.
func TestDirectory(t *testing.T) {
	d := newDirectory(8, 0)
	add := func() *Service {
		s := &Service{}
		if !d.add(s) {
			t.Fatal("no address is left")
		}
		if d.find(s.handle) != s {
			t.Fatalf("%s is not found", s.handle)
		}
		return s
	}
	keep := add()
	if keep.handle != 8 {
		t.Errorf("the first address is %s", keep.handle)
	}
	last := keep.handle
	for range 1000 {
		s := add()
		if s.handle <= last {
			t.Fatalf("%s after %s", s.handle, last)
		}
		last = s.handle
		if !d.remove(s) || d.remove(s) || d.find(s.handle) != nil {
			t.Fatal("not removed, or removed twice")
		}
	}
	d.last = lastHandle - 2
	list := []*Service{keep}
	for range 5000 {
		list = append(list, add())
	}
	seen := map[Handle]bool{}
	for _, s := range list {
		if s.handle == 0 || s.handle > lastHandle || seen[s.handle] || d.find(s.handle) != s {
			t.Fatalf("%s is wrong, taken twice or lost", s.handle)
		}
		seen[s.handle] = true
	}
	if n := len(d.all()); n != len(list) {
		t.Errorf("%d services of %d", n, len(list))
	}
}

func TestHarborInAddresses(t *testing.T) {
	d := newDirectory(1, 3)
	s := &Service{}
	d.add(s)
	if s.handle != 0x03000001 || d.find(0x03000001) != s || d.find(1) != nil {
		t.Errorf("the address is %s", s.handle)
	}
}

// A mailbox keeps the order, whatever is pushed and popped.
func TestMailbox(t *testing.T) {
	var b mailbox
	pushed, popped := 0, 0
	for range 200 {
		for range rand.IntN(200) {
			pushed++
			ok, wake := b.push(Message{Session: pushed})
			if !ok || wake != (b.turn == turnQueued && b.count == 1) {
				t.Fatalf("pushed %d: %v, %v", pushed, ok, wake)
			}
		}
		if !b.begin() {
			continue
		}
		for range rand.IntN(200) {
			m, _, ok := b.pop()
			if !ok {
				break
			}
			popped++
			if m.Session != popped {
				t.Fatalf("popped %d, want %d", m.Session, popped)
			}
		}
		if b.rest() != (b.count == 0) {
			t.Fatal("rested while messages wait, or did not")
		}
		if b.count > 0 && !b.leave() {
			t.Fatal("left without a wake-up")
		}
	}
	rest := b.close()
	for _, m := range rest {
		popped++
		if m.Session != popped {
			t.Fatalf("the rest has %d, want %d", m.Session, popped)
		}
	}
	if popped != pushed {
		t.Errorf("%d of %d messages came back", popped, pushed)
	}
	if ok, _ := b.push(Message{}); ok {
		t.Error("pushed into a closed mailbox")
	}
}

// A stale pointer leads nowhere, and a service's blocks go with it.
func TestBlocks(t *testing.T) {
	var b blocks
	one, two := &Service{}, &Service{}
	v := b.add(one, []byte("data"))
	if data, ok := b.get(v, false); !ok || string(data) != "data" {
		t.Errorf("got %q, %v", data, ok)
	}
	if data, ok := b.get(v, true); !ok || string(data) != "data" {
		t.Errorf("took %q, %v", data, ok)
	}
	again := b.add(two, []byte("other"))
	for _, stale := range []vm.Value{v, vm.LightUserdata(0), vm.LightUserdata(12345), vm.Nil(), vm.LightUserdata(blockMark | 77)} {
		if data, ok := b.get(stale, false); ok {
			t.Errorf("a stale pointer leads to %q", data)
		}
	}
	for range 10 {
		b.add(one, nil)
	}
	b.release(one)
	if one.blocks != 0 || two.blocks != 1 || len(b.free) != len(b.entries)-1 {
		t.Errorf("%d and %d blocks are left", one.blocks, two.blocks)
	}
	if _, ok := b.get(again, false); !ok {
		t.Error("another service's block is gone")
	}
}

func TestGlobalNamesHoldMessages(t *testing.T) {
	n := newNames()
	for i := range maxHeld {
		if a, first, ok := n.hold("X", Message{}); a != 0 || !ok || first != (i == 0) {
			t.Fatal("a message is not held")
		}
	}
	if _, _, ok := n.hold("Y", Message{}); ok {
		t.Error("held without end")
	}
	n.handles["Z"] = 5
	if a, _, ok := n.hold("Z", Message{}); a != 5 || !ok {
		t.Error("held for a name that is taken")
	}
}

// A worker that is at one message for long gives up what it keeps, and is reported.
func TestWatch(t *testing.T) {
	s := newScheduler(1)
	reports := 0
	s.endless = func(source, to Handle, _ uint64) {
		reports++
		if source != 3 || to != 4 {
			t.Errorf("reported %s to %s", source, to)
		}
	}
	w := s.workers[0]
	now := time.Now()
	w.begins(3, 4)
	w.inspect(now)
	v := &Service{}
	w.keep(v)
	w.inspect(now.Add(time.Millisecond))
	if w.next.Load() != nil || s.count != 1 {
		t.Error("what the worker keeps was not handed on")
	}
	for range 3 {
		w.inspect(now.Add(endlessTime + time.Second))
	}
	if reports != 1 {
		t.Errorf("%d reports", reports)
	}
	w.begins(3, 4)
	w.inspect(now.Add(endlessTime + time.Second))
	w.inspect(now.Add(2*endlessTime + time.Second))
	if reports != 2 {
		t.Errorf("%d reports after another message", reports)
	}
}

// The log tells of it in skynet's words, and the service is marked until it is asked.
func TestEndlessLine(t *testing.T) {
	var out bytes.Buffer
	h, err := New(WithOutput(&out))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(t.Context())
	s, err := h.AddService("busy", nil, func(*Service) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	h.reportEndless(3, s.Address(), 29)
	h.reportEndless(3, 0x99, 30) // has ended meanwhile
	h.Flush()
	if got, want := out.String(), fmt.Sprintf("[:00000000] error: A message from [ :00000003 ] to [ %s ] maybe in an endless loop (version = 29)\n", s.Address()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !s.Endless() || s.Endless() {
		t.Error("the service is not marked once")
	}
}

func TestTimerHeap(t *testing.T) {
	q := newTimers(systemClock{})
	for range 1000 {
		q.seq++
		q.push(timer{at: rand.Int64N(50), seq: q.seq})
	}
	last := timer{at: -1}
	for range 1000 {
		x := q.pop()
		if x.before(&last) {
			t.Fatalf("tick %d after %d", x.at, last.at)
		}
		last = x
	}
}

func TestParseHandle(t *testing.T) {
	for text, want := range map[string]Handle{":0000000a": 10, ":a": 10, ":01000009": 0x01000009} {
		if a, ok := ParseHandle(text); !ok || a != want {
			t.Errorf("%s: %s, %v", text, a, ok)
		}
	}
	for _, text := range []string{"", "a", ":", ":x", ":123456789", strings.Repeat(":", 3)} {
		if a, ok := ParseHandle(text); ok {
			t.Errorf("%q is %s", text, a)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	d := newDirectory(8, 0)
	for range 1000 {
		d.add(&Service{})
	}
	b.RunParallel(func(pb *testing.PB) {
		for a := Handle(8); pb.Next(); a = 8 + (a+1)%1000 {
			if d.find(a) == nil {
				b.Fatal("lost")
			}
		}
	})
}

// The ring of a burst serves the next one, and messages stay in order.
func TestMailboxBursts(t *testing.T) {
	var b mailbox
	for range 3 {
		for i := range 1000 {
			b.push(Message{Session: i})
		}
		b.begin()
		for i := range 1000 {
			if m, _, ok := b.pop(); !ok || m.Session != i {
				t.Fatalf("message %d is %d", i, m.Session)
			}
		}
		if !b.rest() || b.ring != nil {
			t.Fatal("an idle mailbox keeps a long ring")
		}
	}
}

// Sessions start again from 1 behind the last one, and leave out those that are waited for.
func TestSessionsWrap(t *testing.T) {
	s := &Service{session: lastSession - 1, sessions: map[int]waiter{2: {}}}
	for _, want := range []int{lastSession, 1, 3, 4} {
		if got := s.NewSession(); got != want {
			t.Errorf("got session %d, want %d", got, want)
		}
	}
}
