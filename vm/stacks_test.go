package vm

import "testing"

// A stack that a task has left is clean, and its frames too.
func TestStacksAreClean(t *testing.T) {
	stacks := &Stacks{}
	a := NewState(Options{Stacks: stacks})
	deep := mustLoad(t, a, `local function f(n, ...) if n == 0 then return "secret" end return f(n - 1, n, ...) .. "" end return f(10)`)
	first := a.NewTask(deep)
	if r, out := first.Resume(); out != Done || Text(r[0]) != "secret" {
		t.Fatal(r, out)
	}
	size := len(first.stack)
	first.Release()
	if first.Status() != StatusDead {
		t.Errorf("status %v", first.Status())
	}
	b := NewState(Options{Stacks: stacks})
	second := b.NewTask(Nil())
	second.prepare()
	if len(second.stack) != size || second.root.next == nil {
		t.Fatalf("%d slots, want the %d of the first task", len(second.stack), size)
	}
	for i, v := range second.stack {
		if v != (Value{}) {
			t.Errorf("slot %d holds %s", i, Text(v))
		}
	}
	prev := &second.root
	for f := second.root.next; f != nil; f = f.next {
		if f.cl != nil || f.proto != nil || f.fn != nil || f.ups != nil || f.k != nil || f.flags != 0 || f.prev != prev {
			t.Error("a frame knows what it was used for")
		}
		prev = f
	}
	third := b.NewTask(Nil())
	if third.prepare(); len(third.stack) != initialStack {
		t.Errorf("a stack given twice, or none: %d slots", len(third.stack))
	}
}

// A task that waits keeps its variables when its stack is cut to what it needs, those that closures share among them.
func TestTrim(t *testing.T) {
	for _, stacks := range []*Stacks{nil, {}} {
		s := NewState(Options{Stacks: stacks})
		s.Globals().SetString("wait", Function("wait", func(c *Call) error {
			return c.Suspend(func(c *Call) error { return c.Return(c.Arg(1)) })
		}))
		task := s.NewTask(mustLoad(t, s, `
			local function deep(n) if n > 0 then return (deep(n - 1)) end return 0 end
			local count, list = 0, {1, 2, 3}
			local function add() count = count + #list return count end
			deep(20)
			add()
			local got = wait("a", "b", "c")
			count = count + 100
			deep(30)
			return got, add(), count, list[3]`))
		if _, out := task.Resume(); out != Suspended {
			t.Fatal(out, task.Failure())
		}
		before := len(task.stack)
		task.Trim()
		if len(task.stack) > before/2 || task.ci.next != nil {
			t.Errorf("%d slots of %d", len(task.stack), before)
		}
		small := len(task.stack)
		task.Trim()
		if len(task.stack) != small {
			t.Errorf("%d slots, then %d", small, len(task.stack))
		}
		r, out := task.Resume(String("answer"))
		if out != Done || Text(r[0]) != "answer" || Text(r[1]) != "106" || Text(r[2]) != "106" || Text(r[3]) != "3" {
			t.Error(r, out, task.Failure())
		}
		task.Trim() // nothing to do
	}
}

// A service whose tasks are short has a small stack of its own after the first one.
func TestResetAfterRelease(t *testing.T) {
	stacks := &Stacks{}
	s := NewState(Options{Stacks: stacks})
	stacks.put(make([]Value, 200), nil)
	task := s.NewTask(mustLoad(t, s, "return 1"))
	for _, want := range []int{200, 200, initialStack} {
		if len(task.stack) > 1 {
			t.Errorf("a task that has not begun has %d slots", len(task.stack))
		}
		if _, out := task.Resume(); out != Done {
			t.Fatal(out)
		}
		if len(task.stack) != want {
			t.Fatalf("%d slots, want %d", len(task.stack), want)
		}
		task.Release()
		task.Reset(mustLoad(t, s, "return 2"))
	}
}

func mustLoad(t *testing.T, s *State, text string) Value {
	t.Helper()
	f, err := s.Load(text, "=test", "t", s.Globals().Value())
	if err != nil {
		t.Fatal(err)
	}
	return f
}
