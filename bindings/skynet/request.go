package skynet

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// selection is what select makes of a request: calls of which the answers are handed out as they come.
//
// A request is a table whose elements are the calls: {address, type, ...}.
type selection struct {
	in       *instance
	table    *vm.Table        // the request
	waiting  map[int]vm.Value // the calls that are not answered, by session
	answers  []callAnswer     // that are not handed out
	failed   []vm.Value       // calls to addresses where nobody is
	timer    int              // its session, 0 when there is none
	timedOut bool
}

type callAnswer struct {
	call   vm.Value
	values vm.Value // a table with n, or false
}

const selectionField = "_selection"

var (
	requestAdd    = vm.NewFunction("request.add", addRequest)
	requestSelect = vm.NewFunction("request.select", selectRequest)
	requestClose  = vm.NewFunction("request.close", closeRequest)

	requestMethods = vm.NewLibrary("request", []*vm.GoFunction{requestAdd, requestSelect, requestClose}, nil)
)

func request(c *vm.Call) error {
	in := of(c)
	s := c.State()
	if in.requests == nil {
		in.requests = s.NewTable(0, 2)
		in.requests.SetString("__index", s.Open(requestMethods).Value())
		in.requests.SetString("__call", requestAdd.Value())
	}
	t := s.NewTable(1, 0)
	s.SetMetatable(t, in.requests)
	if !c.Arg(1).IsNil() {
		t.SetInt(1, c.CheckTable(1).Value())
	}
	return c.Return(t.Value())
}

// request:add(call), request(call)
func addRequest(c *vm.Call) error {
	t, call := c.CheckTable(1), c.CheckTable(2)
	if selectionOf(t) != nil {
		return c.Errorf("a request can't be added to while it is selected from")
	}
	t.SetInt(t.Len()+1, call.Value())
	return c.Return(t.Value())
}

func selectionOf(t *vm.Table) *selection {
	if u, ok := t.GetString(selectionField).AsUserdata(); ok {
		sel, _ := u.Data.(*selection)
		return sel
	}
	return nil
}

// request:select([ticks]) returns an iterator: call, answers in a table with n, or false when the call failed.
func selectRequest(c *vm.Call) error {
	in := of(c)
	t := c.CheckTable(1)
	if selectionOf(t) != nil {
		return c.Errorf("a request can be selected from once")
	}
	if err := in.service.CheckWait(c); err != nil {
		return err
	}
	sel := &selection{in: in, table: t, waiting: map[int]vm.Value{}}
	t.SetString(selectionField, vm.NewUserdata(sel, nil).Value())
	ticks := c.Arg(2)
	for i := 1; i <= t.Len(); i++ {
		if err := sel.ask(c, t.GetInt(i)); err != nil {
			return err
		}
	}
	if !ticks.IsNil() {
		s := in.service
		sel.timer = s.NewSession()
		s.Await(sel.timer, func(host.Reply) { sel.expire() })
		s.After(int64(c.CheckInt(2)), sel.timer)
	}
	c.Push(vm.Function("request.next", sel.next), vm.Nil(), vm.Nil(), t.Value())
	return nil
}

// ask sends one call.
func (sel *selection) ask(c *vm.Call, call vm.Value) error {
	in := sel.in
	list, ok := call.AsTable()
	if !ok {
		return c.Errorf("a request consists of tables: address, type and arguments of a call")
	}
	n := list.Len()
	if f, ok := list.GetString("n").AsNumber(); ok {
		n = int(f)
	}
	if n < 2 {
		return c.Errorf("a call of a request needs an address and a type")
	}
	values := make([]vm.Value, n)
	for i := range values {
		values[i] = list.GetInt(i + 1)
	}
	d, err := destinationOf(c, values[0])
	if err != nil {
		return err
	}
	p, err := in.protocol(c, values[1])
	if err != nil {
		return err
	}
	in.tracesCall(c, d)
	data, err := in.packNow(c, p, values[2:])
	if err != nil {
		return err
	}
	session := in.service.NewSession()
	to, ok := in.send(d, host.Message{Type: p.id, Session: session, Data: data})
	if !ok {
		sel.failed = append(sel.failed, call)
		return nil
	}
	sel.waiting[session] = call
	in.service.AwaitPeer(to, session, func(r host.Reply) { sel.answered(session, p, r) })
	return nil
}

// packNow packs values as a protocol wants it, with a function that can't wait.
func (in *instance) packNow(c *vm.Call, p *protocol, values []vm.Value) ([]byte, error) {
	f := p.packer()
	if f.IsNil() {
		return in.service.Pack(values)
	}
	r, err := c.Call(f, values...)
	if err != nil {
		return nil, err
	}
	r = append(r[:len(r):len(r)], vm.Nil(), vm.Nil())
	return in.message(c, r[0], r[1])
}

// answered takes the answer of a call.
func (sel *selection) answered(session int, p *protocol, r host.Reply) {
	in, answer := sel.in, callAnswer{call: sel.waiting[session], values: vm.Bool(false)}
	delete(sel.waiting, session)
	if r.OK {
		values, err := in.unpack(p, r.Message, nil)
		if err != nil {
			in.service.Fault("%s", in.describe(err))
		} else {
			list := in.service.State().NewList(values...)
			list.SetString("n", vm.Int(len(values)))
			answer.values = list.Value()
		}
	}
	sel.answers = append(sel.answers, answer)
	in.service.Wakeup(sel.table.Value())
}

// expire ends the selection when its time is over.
func (sel *selection) expire() {
	sel.timer, sel.timedOut = 0, true
	sel.table.SetString("timeout", vm.Bool(true))
	sel.in.service.Wakeup(sel.table.Value())
}

// next is the iterator: it hands out failed calls, then answers as they come.
func (sel *selection) next(c *vm.Call) error {
	if n := len(sel.failed); n > 0 {
		call := sel.failed[n-1]
		sel.failed = sel.failed[:n-1]
		return c.Return(call)
	}
	if len(sel.answers) > 0 {
		a := sel.answers[0]
		sel.answers = sel.answers[1:]
		c.Push(a.call, a.values)
		return nil
	}
	if len(sel.waiting) == 0 || sel.timedOut {
		sel.close()
		return c.Return(vm.Nil())
	}
	s := sel.in.service
	return s.WaitToken(c, s.NewSession(), sel.table.Value(), func(c *vm.Call, r host.Reply) error {
		s.Forget(r.Message.Session)
		return sel.next(c)
	})
}

// close drops the answers that are still to come.
func (sel *selection) close() {
	s := sel.in.service
	for session := range sel.waiting {
		s.Ignore(session)
	}
	clear(sel.waiting)
	if sel.timer != 0 {
		s.Ignore(sel.timer)
		sel.timer = 0
	}
}

// request:close()
func closeRequest(c *vm.Call) error {
	if sel := selectionOf(c.CheckTable(1)); sel != nil {
		sel.close()
	}
	return nil
}
