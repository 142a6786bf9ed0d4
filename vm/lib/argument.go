package lib

import "github.com/luahost/luahost/vm"

// Helpers that the libraries share: arguments, lengths, and the limits of a state.

// checkInt is Call.CheckInt with a short way for integers.
func checkInt(c *vm.Call, i int) int {
	if f, ok := c.Arg(i).AsNumber(); ok {
		if n := int(int32(f)); float64(n) == f {
			return n
		}
	}
	return c.CheckInt(i)
}

// optInt is Call.OptInt with a short way for integers and nil.
func optInt(c *vm.Call, i, def int) int {
	v := c.Arg(i)
	if v.IsNil() {
		return def
	}
	return checkInt(c, i)
}

// checkInteger returns an argument that has to be an integer, as the functions that came with Lua 5.3 want it.
func checkInteger(c *vm.Call, i int) int {
	f := c.CheckNumber(i)
	if n := int(f); f >= -0x1p63 && f < 0x1p63 && float64(n) == f {
		return n
	}
	panic(c.ArgError(i, "number has no integer representation"))
}

func optInteger(c *vm.Call, i, def int) int {
	if c.Arg(i).IsNil() {
		return def
	}
	return checkInteger(c, i)
}

// length is the length of a table as the operator # gives it, the metamethod __len included.
func length(c *vm.Call, t *vm.Table) (int, error) {
	if t.Metatable() == nil {
		return t.Len(), nil
	}
	h := c.State().Metamethod(t.Value(), "__len")
	if h.IsNil() {
		return t.Len(), nil
	}
	results, err := c.Call(h, t.Value(), t.Value())
	if err != nil {
		return 0, err
	}
	if len(results) > 0 {
		if n, ok := vm.ToNumber(results[0]); ok {
			return int(n), nil
		}
	}
	return 0, c.Errorf("object length is not a number")
}

// reserve counts bytes that are about to be allocated and written, as memory and as work.
func reserve(s *vm.State, bytes int) error {
	if err := s.Reserve(bytes); err != nil {
		return err
	}
	return work(s, bytes)
}

// bytesPerStep is how many bytes a library copies or looks at for one step of a budget.
const bytesPerStep = 64

// work counts the time that so many bytes take.
func work(s *vm.State, bytes int) error {
	if bytes < bytesPerStep {
		return nil
	}
	return s.Spend(int64(bytes) / bytesPerStep)
}

// textBuffer collects text whose length shows at its end only. When it grows it reserves all its room anew, because what
// measures a state's memory doesn't find it.
type textBuffer struct {
	state *vm.State
	bytes []byte
}

func (b *textBuffer) append(text string) error {
	if err := b.makeRoom(len(text)); err != nil {
		return err
	}
	b.bytes = append(b.bytes, text...)
	return nil
}

func (b *textBuffer) appendByte(c byte) error {
	if err := b.makeRoom(1); err != nil {
		return err
	}
	b.bytes = append(b.bytes, c)
	return nil
}

// makeRoom makes room for n more bytes.
func (b *textBuffer) makeRoom(n int) error {
	if n += len(b.bytes); n <= cap(b.bytes) {
		return nil
	}
	size := max(n, 2*cap(b.bytes), 256)
	if err := reserve(b.state, size); err != nil {
		return err
	}
	b.bytes = append(make([]byte, 0, size), b.bytes...)
	return nil
}

// take returns the text. The buffer must not be used again, for the text stays where it is, unless much room is left over.
func (b *textBuffer) take() vm.Value {
	if n := len(b.bytes); cap(b.bytes)-n > n/4 {
		return vm.Bytes(b.bytes)
	}
	return vm.TakeBytes(b.bytes)
}
