package skynet

import (
	"fmt"
	"strings"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

func fork(c *vm.Call) error {
	f := c.CheckFunction(1)
	t := of(c).service.Fork(f, c.Args()[1:]...)
	return c.Return(t.Thread().Value())
}

func timeout(c *vm.Call) error {
	in := of(c)
	ticks, f := c.CheckInt(1), c.CheckFunction(2)
	if in.timeouts == nil {
		return c.Return(in.service.Timeout(int64(ticks), f).Thread().Value())
	}
	var th *vm.Thread
	th = in.service.Timeout(int64(ticks), vm.Function("timeout", func(c *vm.Call) error {
		delete(in.timeouts, th)
		return c.TailCall(f, c.Args()...)
	})).Thread()
	in.timeouts[th] = c.Thread().Traceback(fmt.Sprintf("TIMER %d+%d : ", in.service.Host().Now(), ticks), 1)
	return c.Return(th.Value())
}

// trace_timeout([on]): tasks of timeouts that have not begun are shown by the place that made them.
func traceTimeout(c *vm.Call) error {
	in := of(c)
	switch {
	case !c.Arg(1).Truthy():
		in.timeouts = nil
	case in.timeouts == nil:
		in.timeouts = map[*vm.Thread]string{}
	}
	return nil
}

func sleep(c *vm.Call) error {
	in := of(c)
	in.tracesHere(c, "sleep")
	return in.service.Sleep(c, int64(c.CheckInt(1)), tokenAt(c, 2), slept)
}

func yield(c *vm.Call) error {
	in := of(c)
	in.tracesHere(c, "sleep")
	return in.service.Sleep(c, 0, c.Thread().Value(), slept)
}

func slept(c *vm.Call, r host.Reply) error {
	if r.Broken {
		return c.Return(vm.String("BREAK"))
	}
	return nil
}

// tokenAt returns argument i, by default the running coroutine.
func tokenAt(c *vm.Call, i int) vm.Value {
	if v := c.Arg(i); !v.IsNil() {
		return v
	}
	return c.Thread().Value()
}

func wait(c *vm.Call) error {
	in := of(c)
	in.tracesHere(c, "sleep")
	s := in.service
	return s.WaitToken(c, s.NewSession(), tokenAt(c, 1), waited)
}

func waited(c *vm.Call, r host.Reply) error {
	host.ServiceOf(c).Forget(r.Message.Session)
	return nil
}

func wakeup(c *vm.Call) error {
	if of(c).service.Wakeup(c.Arg(1)) {
		return c.Return(vm.Bool(true))
	}
	return nil
}

func killThread(c *vm.Call) error {
	s := of(c).service
	th, ok := c.Arg(1).AsThread()
	if !ok {
		part := c.CheckString(1)
		for _, t := range s.Tasks() {
			if t != nil && strings.Contains(vm.Text(t.Thread().Value()), part) {
				th = t.Thread()
				break
			}
		}
	}
	if th == nil || !s.KillTask(th) {
		return nil
	}
	return c.Return(th.Value())
}

func task(c *vm.Call) error {
	in := of(c)
	s := in.service
	v := c.Arg(1)
	if v.IsNil() {
		n := 0
		for _, t := range s.Tasks() {
			if t != nil {
				n++
			}
		}
		return c.Return(vm.Int(n))
	}
	if text, ok := v.AsString(); ok && text == "init" {
		if t := s.Starting(); t != nil {
			return c.Return(vm.String(in.stack(t)))
		}
		return nil
	}
	if list, ok := v.AsTable(); ok {
		for session, t := range s.Tasks() {
			if t != nil {
				list.SetString(fmt.Sprintf("%s session: %d", vm.Text(t.Thread().Value()), session), vm.String(in.stack(t)))
			}
		}
		return nil
	}
	if th, ok := v.AsThread(); ok {
		for session, t := range s.Tasks() {
			if t != nil && t.Thread() == th {
				return c.Return(vm.Int(session))
			}
		}
		return nil
	}
	want := c.CheckInt(1)
	for session, t := range s.Tasks() {
		if session == want && t == nil {
			return c.Return(vm.String("BREAK"))
		}
		if session == want {
			return c.Return(vm.String(in.stack(t)))
		}
	}
	return c.Return(vm.String("No session"))
}

// stack tells where a task waits, or was made.
func (in *instance) stack(t *host.Task) string {
	if text, ok := in.timeouts[t.Thread()]; ok {
		return text
	}
	return t.Thread().Traceback("", 0)
}

func uniqTask(c *vm.Call) error {
	const shown = 10 // sessions of a stack
	sessions := map[string][]string{}
	in := of(c)
	for session, t := range in.service.Tasks() {
		if t != nil {
			stack := in.stack(t)
			sessions[stack] = append(sessions[stack], fmt.Sprint(session))
		}
	}
	list := c.State().NewTable(0, len(sessions))
	for stack, s := range sessions {
		more := ""
		if len(s) > shown {
			more = "..."
		}
		head := fmt.Sprintf("%d\tsessions:[%s%s]\n", len(s), strings.Join(s[:min(len(s), shown)], ","), more)
		list.SetString(head, vm.String(stack))
	}
	return c.Return(list.Value())
}

func now(c *vm.Call) error { return c.Return(vm.Number(float64(of(c).service.Host().Now()))) }

func startTime(c *vm.Call) error {
	return c.Return(vm.Number(float64(of(c).service.Host().StartTime().Unix())))
}

func clock(c *vm.Call) error {
	h := of(c).service.Host()
	return c.Return(vm.Number(float64(h.Now())/100 + float64(h.StartTime().Unix())))
}

// hpc counts nanoseconds, from the host's start: a number holds them exactly for a hundred days.
func hpc(c *vm.Call) error {
	return c.Return(vm.Number(float64(time.Since(of(c).service.Host().StartTime()).Nanoseconds())))
}
