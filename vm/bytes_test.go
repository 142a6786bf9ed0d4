package vm

import "testing"

func TestStringBytes(t *testing.T) {
	for _, s := range []string{"", "x", "a\x00b", string(make([]byte, 1<<16))} {
		b := StringBytes(s)
		if string(b) != s || cap(b) != len(s) {
			t.Errorf("StringBytes(%d bytes) = %d bytes, capacity %d", len(s), len(b), cap(b))
		}
	}
}

// TestMethodOfUnalignedString: with -race, the bytes of a string must not be looked at as an object, not even in passing.
func TestMethodOfUnalignedString(t *testing.T) {
	s := testState(nil)
	index := s.NewTable(0, 1)
	index.SetString("same", Function("same", func(c *Call) error { return c.ReturnArgs(1) }))
	meta := s.NewTable(0, 1)
	meta.SetString("__index", index.Value())
	s.SetTypeMetatable(KindString, meta)
	s.Globals().SetString("odd", String("12345678"[3:]))
	f, err := s.Load(`return odd:same()`, "=t", "t", s.Globals().Value())
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Main().Call(f)
	if err != nil || len(r) != 1 || Text(r[0]) != "45678" {
		t.Errorf("%v, %v", r, err)
	}
}
