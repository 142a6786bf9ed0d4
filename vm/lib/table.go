package lib

import (
	"strings"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/internal/number"
)

// tableLibrary makes the library table (manual section 6.5), with maxn of Lua 5.1 and move of Lua 5.3.
func tableLibrary() *vm.Library {
	return vm.NewLibrary("table", []*vm.GoFunction{
		vm.NewFunction("table.concat", tableConcat),
		vm.NewFunction("table.insert", tableInsert),
		vm.NewFunction("table.maxn", tableMaxn),
		vm.NewFunction("table.move", tableMove),
		vm.NewFunction("table.pack", tablePack),
		vm.NewFunction("table.remove", tableRemove),
		vm.NewFunction("table.sort", tableSort),
		unpackFunction,
	}, nil)
}

// unpackFunction is table.unpack, and the global unpack of Lua 5.1.
var unpackFunction = vm.NewFunction("unpack", tableUnpack)

func tableInsert(c *vm.Call) error {
	t := c.CheckTable(1)
	n, err := length(c, t)
	if err != nil {
		return err
	}
	switch c.NArgs() {
	case 2:
		t.SetInt(n+1, c.Arg(2))
		return nil
	case 3:
	default:
		return c.Errorf("wrong number of arguments to 'insert'")
	}
	i := checkInt(c, 2)
	if i < 1 || i > n+1 {
		return c.ArgError(2, "position out of bounds")
	}
	if err := shifting(c, n-i); err != nil {
		return err
	}
	if n == t.Len() {
		t.Insert(i, c.Arg(3))
		return nil
	}
	for k := n; k >= i; k-- {
		t.SetInt(k+1, t.GetInt(k))
	}
	t.SetInt(i, c.Arg(3))
	return nil
}

func tableRemove(c *vm.Call) error {
	t := c.CheckTable(1)
	n, err := length(c, t)
	if err != nil {
		return err
	}
	i := optInt(c, 2, n)
	if i != n && (i < 1 || i > n+1) {
		return c.ArgError(1, "position out of bounds") // C Lua 5.2 blames the table
	}
	if err := shifting(c, n-i); err != nil {
		return err
	}
	if n == t.Len() && 1 <= i && i <= n {
		return c.Return(t.Remove(i))
	}
	v := t.GetInt(i)
	for ; i < n; i++ {
		t.SetInt(i, t.GetInt(i+1))
	}
	t.SetInt(i, vm.Nil())
	return c.Return(v)
}

// shifting counts the work of moving so many elements.
func shifting(c *vm.Call, elements int) error {
	if elements < elementsPerStep {
		return nil
	}
	return c.State().Spend(int64(elements) / elementsPerStep)
}

const (
	valueBytes      = 16
	elementsPerStep = bytesPerStep / valueBytes
)

func tableConcat(c *vm.Call) error {
	t := c.CheckTable(1)
	sep, first := c.OptString(2, ""), optInt(c, 3, 1)
	last, err := lastIndex(c, t, 4)
	if err != nil || first > last {
		if err == nil {
			err = c.Return(vm.String(""))
		}
		return err
	}
	if v := t.GetInt(first); first == last && v.Kind() == vm.KindString {
		return c.Return(v)
	}
	j := joiner{c: c, t: t, sep: sep, first: first, last: last}
	size, err := j.size()
	if err != nil {
		return err
	}
	if size > maxString {
		return c.Errorf("not enough memory")
	}
	if err := reserve(c.State(), size); err != nil {
		return err
	}
	return c.Return(vm.String(j.join(size)))
}

// lastIndex returns argument i, or the table's length when it is absent.
func lastIndex(c *vm.Call, t *vm.Table, i int) (int, error) {
	if c.Arg(i).IsNil() {
		return length(c, t)
	}
	return checkInt(c, i), nil
}

// joiner is table.concat at work.
type joiner struct {
	c           *vm.Call
	t           *vm.Table
	sep         string
	first, last int
}

// size returns the length of the result, having checked that all elements are strings or numbers.
func (j *joiner) size() (int, error) {
	array := j.t.Array()
	if err := shifting(j.c, min(j.last, len(array))-j.first); err != nil {
		return 0, err
	}
	size := 0
	for i := j.first; ; i++ {
		var v vm.Value
		if uint(i-1) < uint(len(array)) {
			v = array[i-1]
		} else {
			v = j.t.GetInt(i)
		}
		if s, ok := v.AsString(); ok {
			size += len(s)
		} else if f, ok := v.AsNumber(); ok {
			var digits [32]byte
			size += len(number.Append(digits[:0], f))
		} else {
			return 0, j.c.Errorf("invalid value (%s) at index %d in table for 'concat'", v.Kind(), i)
		}
		if i == j.last {
			return size, nil
		}
		if size += len(j.sep); size > maxString {
			return 0, j.c.Errorf("not enough memory")
		}
	}
}

func (j *joiner) join(size int) string {
	var b strings.Builder
	b.Grow(size)
	array := j.t.Array()
	for i := j.first; ; i++ {
		var v vm.Value
		if uint(i-1) < uint(len(array)) {
			v = array[i-1]
		} else {
			v = j.t.GetInt(i)
		}
		if s, ok := v.AsString(); ok {
			b.WriteString(s)
		} else {
			f, _ := v.AsNumber()
			var digits [32]byte
			b.Write(number.Append(digits[:0], f))
		}
		if i == j.last {
			return b.String()
		}
		b.WriteString(j.sep)
	}
}

func tablePack(c *vm.Call) error {
	t := c.State().NewTable(c.NArgs(), 1)
	t.SetList(c.Args())
	t.SetString("n", vm.Int(c.NArgs()))
	return c.Return(t.Value())
}

func tableUnpack(c *vm.Call) error {
	t := c.CheckTable(1)
	first := optInt(c, 2, 1)
	last, err := lastIndex(c, t, 3)
	if err != nil || first > last {
		return err
	}
	n := last - first + 1
	if n <= 0 || n >= maxString { // too many to count, or to fit
		return c.Errorf("too many results to unpack")
	}
	results, ok := c.Extend(n)
	if !ok {
		return c.Errorf("too many results to unpack")
	}
	if array := t.Array(); first >= 1 && last <= len(array) {
		copy(results, array[first-1:last])
		return nil
	}
	for i := range results {
		results[i] = t.GetInt(first + i)
	}
	return nil
}

// tableMaxn finds the largest positive number among the keys.
func tableMaxn(c *vm.Call) error {
	t := c.CheckTable(1)
	largest := 0.0
	for k, _, _ := t.Next(vm.Nil()); !k.IsNil(); k, _, _ = t.Next(k) {
		if f, ok := k.AsNumber(); ok && f > largest {
			largest = f
		}
		if err := c.State().Spend(1); err != nil {
			return err
		}
	}
	return c.Return(vm.Number(largest))
}

// maxIndex is the largest of the integers that numbers tell apart.
const maxIndex = 1 << 53

// tableMove implements table.move of Lua 5.3; it obeys metamethods.
func tableMove(c *vm.Call) error {
	first, last, at := checkInteger(c, 2), checkInteger(c, 3), checkInteger(c, 4)
	target := 1
	if !c.Arg(5).IsNil() {
		target = 5
	}
	checkTableLike(c, 1, "__index")
	checkTableLike(c, target, "__newindex")
	from, to := c.Arg(1), c.Arg(target)
	if last >= first {
		if first <= 0 && last >= maxIndex+first {
			return c.ArgError(3, "too many elements to move")
		}
		n := last - first + 1
		if n > maxIndex || at > maxIndex-n+1 {
			return c.ArgError(4, "destination wrap around")
		}
		if err := moveElements(c, from, to, first, at, n); err != nil {
			return err
		}
	}
	return c.Return(to)
}

// checkTableLike wants a table, or something that has a metamethod instead.
func checkTableLike(c *vm.Call, i int, event string) {
	v := c.Arg(i)
	if v.Kind() != vm.KindTable && c.State().Metamethod(v, event).IsNil() {
		panic(c.TypeError(i, "table"))
	}
}

func moveElements(c *vm.Call, from, to vm.Value, first, at, n int) error {
	move := func(i int) error {
		v, err := c.Index(from, vm.Int(first+i))
		if err != nil {
			return err
		}
		if err := c.SetIndex(to, vm.Int(at+i), v); err != nil {
			return err
		}
		return c.State().Spend(1)
	}
	if at > first && at < first+n && vm.RawEqual(from, to) { // the places overlap: from the end
		for i := n - 1; i >= 0; i-- {
			if err := move(i); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range n {
		if err := move(i); err != nil {
			return err
		}
	}
	return nil
}
