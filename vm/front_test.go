package vm

import (
	"strings"
	"testing"
)

// Strings with room in front, and headers put there, are what concatenation without that makes of them: the strings
// that were there before stay as they were.
func TestFront(t *testing.T) {
	long := strings.Repeat("payload.", frontLeast/8)
	s := NewState(Options{})
	env := s.Globals()
	read := NewFunction("read", func(c *Call) error {
		return c.Return(TakeBytes(c.State().CopyWithFront([]byte(long))))
	})
	env.SetString("read", read.Value())
	env.SetString("long", String(long))
	env.SetString("prepend", Function("prepend", func(c *Call) error {
		return c.Return(c.State().Prepend([]byte(c.CheckString(1)), c.CheckString(2)))
	}))
	const script = `
		local p = read()
		local a = "head" .. p
		local b = "HEAD" .. p                     -- the room is a's
		local c = "x" .. a
		local d = 1 .. "2" .. c                   -- three, one a number
		local e = prepend("front", d)
		local f = ("y"):rep(100) .. e             -- longer than the room
		assert(p == long and a == "head" .. long and b == "HEAD" .. long)
		assert(c == "xhead" .. long and d == "12xhead" .. long)
		assert(e == "front12xhead" .. long and f == ("y"):rep(100) .. e)
		local q, r = read(), read()
		local g, h = "g" .. q, "h" .. r           -- the room of the last one only
		assert(g == "g" .. long and h == "h" .. long and q == long and r == long)
		local n = ("1234567890123456"):sub(1, 16) .. read()
		assert(n == "1234567890123456" .. long)
		local part = read():sub(1, 2000 % #long)
		assert("z" .. part == "z" .. long:sub(1, 2000 % #long))
		return #e
	`
	f, err := s.Load(script, "=front", "t", env.Value())
	if err != nil {
		t.Fatal(err)
	}
	env.SetString("assert", Function("assert", func(c *Call) error {
		if !c.Arg(1).Truthy() {
			return c.Errorf("differs")
		}
		return nil
	}))
	meta := s.NewTable(0, 1)
	methods := s.NewTable(0, 2)
	methods.SetString("rep", Function("rep", func(c *Call) error {
		return c.Return(String(strings.Repeat(c.CheckString(1), c.CheckInt(2))))
	}))
	methods.SetString("sub", Function("sub", func(c *Call) error {
		return c.Return(String(c.CheckString(1)[c.CheckInt(2)-1 : c.CheckInt(3)]))
	}))
	meta.SetString("__index", methods.Value())
	s.SetTypeMetatable(KindString, meta)
	if _, err := s.Main().Call(f); err != nil {
		t.Fatal(err)
	}
	if s.front.at != nil {
		t.Error("memory of a call that is over is kept")
	}
}

// A header costs no copy of the string behind it.
func TestFrontCopiesNothing(t *testing.T) {
	s := NewState(Options{})
	long := make([]byte, 1<<20)
	head := []byte{1, 2, 3, 4}
	allocations := func() float64 {
		return testing.AllocsPerRun(10, func() {
			text, _ := TakeBytes(s.CopyWithFront(long)).AsString()
			s.Prepend(head, text)
		})
	}
	n := allocations()
	for range 4 {
		n = min(n, allocations()) // finalizers of other tests may run at the same time
	}
	if n != 1 {
		t.Errorf("%v allocations for a string and its header", n)
	}
}

// What stands in front of a string that was made of the end of an array is room for headers, too.
func TestTakeBehind(t *testing.T) {
	for _, size := range []int{10, frontLeast, 100_000} {
		s := NewState(Options{})
		array := []byte("consumed" + strings.Repeat("payload", size)[:size])
		want := string(array[8:])
		body := s.TakeBehind(array, 8)
		whole := s.Prepend([]byte("head"), Text(body))
		again := s.Prepend([]byte("HEAD"), Text(body))
		larger := s.Prepend([]byte("longer than the room"), Text(whole))
		for got, want := range map[string]string{
			Text(body): want, Text(whole): "head" + want, Text(again): "HEAD" + want, Text(larger): "longer than the roomhead" + want,
		} {
			if got != want {
				t.Errorf("%d bytes: %.20q, want %.20q", size, got, want)
			}
		}
	}
}
