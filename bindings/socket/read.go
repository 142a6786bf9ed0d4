package socket

import "github.com/luahost/luahost/vm"

// read(id [, n])
func read(c *vm.Call) error {
	e, err := started(c)
	if err != nil {
		return err
	}
	if c.Arg(2).IsNil() {
		return e.get(c, want{kind: wantSome})
	}
	return e.get(c, want{kind: wantSize, size: max(0, c.CheckInt(2))})
}

// readline(id [, separator])
func readline(c *vm.Call) error {
	e, err := started(c)
	if err != nil {
		return err
	}
	separator := c.OptString(2, "\n")
	if separator == "" {
		return c.ArgError(2, "separator is empty")
	}
	e.unread.seen = 0 // the last search may have been for another separator
	return e.get(c, want{kind: wantLine, separator: separator})
}

// get returns what is wanted, at once if it is there.
func (e *entry) get(c *vm.Call, w want) error {
	if e.reader != 0 {
		return e.getBeside(c, w)
	}
	e.want = w
	e.adopt()
	some := e.unread.len() > 0 || w.kind == wantSize && w.size == 0
	if some && e.satisfied() || !e.connected {
		return e.answer(c)
	}
	return e.wait(c, w)
}

// adopt makes the running task the one that reads the socket.
func (e *entry) adopt() {
	if t := e.pool.service.Current(); t != nil {
		t.OnDeath(e.onDeath)
		e.task = t
	}
	e.orphan = false
}

// getBeside returns what is there while another task waits for something larger; it can't wait as well.
func (e *entry) getBeside(c *vm.Call, w want) error {
	waiting := e.want
	e.want = w
	defer func() { e.want = waiting }()
	if e.unread.len() > 0 && e.satisfied() {
		return e.answer(c)
	}
	return errAssertion()
}

// readall(id)
func readall(c *vm.Call) error {
	e, err := started(c)
	if err != nil {
		return err
	}
	if e.reader == 0 {
		e.adopt()
	}
	switch {
	case e.connected:
		return e.wait(c, want{kind: wantAll})
	case e.unread.len() > 0:
		return e.give(c, e.unread.len())
	}
	return c.Return(vm.Bool(false))
}

// block(id)
func block(c *vm.Call) error {
	e := poolIn(c).entries[c.CheckInt(1)]
	if e == nil || !e.connected {
		return c.Return(vm.Bool(false))
	}
	if e.reader == 0 && e.unread.len() > 0 {
		return c.Return(vm.Bool(true))
	}
	return e.wait(c, want{kind: wantBlock})
}

// pause(id)
func pause(c *vm.Call) error {
	if e := poolIn(c).entries[c.CheckInt(1)]; e != nil && !e.paused {
		e.logf("Pause socket (%d)", e.id)
		e.pause()
	}
	return nil
}

// limit(id, n)
func limit(c *vm.Call) error {
	e, err := started(c)
	if err != nil {
		return err
	}
	e.limit = c.OptInt(2, 0)
	return nil
}
