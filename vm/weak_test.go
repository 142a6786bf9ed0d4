package vm

import (
	"runtime"
	"testing"
)

func mode(s *State, m string) *Table {
	meta := s.NewTable(0, 1)
	meta.SetString("__mode", String(m))
	t := s.NewTable(0, 0)
	s.SetMetatable(t, meta)
	return t
}

func TestWeakValuesGo(t *testing.T) {
	s := NewState(Options{})
	w := mode(s, "v")
	kept := s.NewTable(0, 0)
	w.SetInt(1, kept.Value())
	w.SetInt(2, s.NewTable(0, 0).Value())
	w.SetString("text", String("stays"))
	s.Collect()
	if w.GetInt(1).IsNil() || !w.GetInt(2).IsNil() || w.GetString("text").IsNil() {
		t.Errorf("[1] = %v, [2] = %v, text = %v", w.GetInt(1), w.GetInt(2), w.GetString("text"))
	}
	runtime.KeepAlive(kept)
}

func TestWeakKeysGo(t *testing.T) {
	s := NewState(Options{})
	w := mode(s, "k")
	kept := s.NewTable(0, 0)
	_ = w.Set(kept.Value(), Int(1))
	_ = w.Set(s.NewTable(0, 0).Value(), Int(2))
	s.Collect()
	n := 0
	for k, _, err := w.Next(Value{}); !k.IsNil(); k, _, err = w.Next(k) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 || w.Get(kept.Value()).IsNil() {
		t.Errorf("%d keys are left", n)
	}
}

// A value that refers to its own key, through others even, does not keep it.
func TestEphemerons(t *testing.T) {
	s := NewState(Options{})
	w := mode(s, "k")
	var last *Table
	for i := range 100 {
		key, value := s.NewTable(0, 0), s.NewTable(0, 0)
		value.SetString("self", key.Value())
		if last != nil {
			value.SetString("next", last.Value())
		}
		value.SetString("n", Int(i))
		_ = w.Set(key.Value(), value.Value())
		last = key
	}
	count := func() (n int) {
		for k, _, _ := w.Next(Value{}); !k.IsNil(); k, _, _ = w.Next(k) {
			n++
		}
		return n
	}
	s.Collect()
	if n := count(); n != 100 {
		t.Fatalf("%d entries are left while the chain is held", n)
	}
	_ = w.Set(last.Value(), Value{})
	if len(last.role.held) != 0 {
		t.Error("a cleared entry leaves its value with the key")
	}
	runtime.KeepAlive(last)
	s.Collect()
	if n := count(); n != 0 {
		t.Errorf("%d entries are left of a chain that nobody holds", n)
	}
}

func TestFinalizers(t *testing.T) {
	s := NewState(Options{})
	calls := 0
	meta := s.NewTable(0, 1)
	meta.SetString("__gc", Function("gc", func(c *Call) error {
		calls++
		return nil
	}))
	s.SetMetatable(s.NewTable(0, 0), meta)
	s.Collect()
	if calls != 1 {
		t.Fatalf("__gc of a lost table ran %d times", calls)
	}
	kept := s.NewTable(0, 0)
	s.SetMetatable(kept, meta)
	s.Collect()
	s.Close()
	if calls != 2 {
		t.Errorf("after Close, __gc has run %d times in all", calls)
	}
	runtime.KeepAlive(kept)
}

// A state that is closed and dropped goes away, with the tables that had finalizers.
func TestClosedStateIsCollected(t *testing.T) {
	freed := make(chan struct{})
	func() {
		s := NewState(Options{})
		runtime.AddCleanup(s, func(c chan struct{}) { close(c) }, freed)
		meta := s.NewTable(0, 1)
		meta.SetString("__gc", Function("gc", func(c *Call) error { return nil }))
		tab := s.NewTable(0, 0)
		s.SetMetatable(tab, meta)
		s.Globals().SetString("t", tab.Value())
		s.Close()
	}()
	for range 5 {
		runtime.GC()
	}
	select {
	case <-freed:
	default:
		t.Error("the state is still there")
	}
}

func TestMemoryLimit(t *testing.T) {
	s := NewState(Options{})
	s.SetMemoryLimit(1 << 20)
	run := func(source string) error {
		f, err := s.Load(source, "=t", "t", s.Globals().Value())
		if err != nil {
			t.Fatal(err)
		}
		th := s.NewThread(f)
		if _, outcome := th.Resume(); outcome == Done {
			return nil
		}
		return th.Failure()
	}
	if err := run(`for i = 1, 1e5 do local t = {i, i, i} end`); err != nil {
		t.Error("garbage counts against the limit:", err)
	}
	if err := run(`local t = {} for i = 1, 1e6 do t[i] = {} end`); err == nil || err.Error() != "not enough memory" {
		t.Error("too much live data gave", err)
	}
	if err := run(`local s = "x" for i = 1, 40 do s = s .. s end`); err == nil || err.Error() != "not enough memory" {
		t.Error("forty doublings gave", err)
	}
	if n := s.Count(); n > 1<<20 {
		t.Errorf("%d bytes are counted after the failures", n)
	}
}

func TestBudgetCannotBeCaught(t *testing.T) {
	var s *State
	for _, source := range []string{
		`while true do end`,
		`while true do pcall(function() while true do end end) end`,
		`local function f() return f() end f()`,
		`repeat until false`,
		`for i = 1, math do end`,
	} {
		s = NewState(Options{})
		s.Globals().SetString("pcall", Function("pcall", func(c *Call) error { return c.PCall() }))
		s.Globals().SetString("math", Number(1e300))
		s.SetBudget(100000, s.budget.Deadline)
		f, err := s.Load(source, "=t", "t", s.Globals().Value())
		if err != nil {
			t.Fatal(err)
		}
		th := s.NewThread(f)
		if _, outcome := th.Resume(); outcome != Failed || !th.Failure().Fatal() {
			t.Errorf("%s: outcome %v, error %v", source, outcome, th.Failure())
		}
	}
}
