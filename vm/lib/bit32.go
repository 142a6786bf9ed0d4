package lib

import (
	"math"
	"math/bits"

	"github.com/luahost/luahost/vm"
)

// bit32Library makes the library bit32 (manual section 6.7).
func bit32Library() *vm.Library {
	return vm.NewLibrary("bit32", []*vm.GoFunction{
		vm.NewFunction("bit32.arshift", bit32Arshift),
		vm.NewFunction("bit32.band", bit32Band),
		vm.NewFunction("bit32.bnot", bit32Bnot),
		vm.NewFunction("bit32.bor", bit32Bor),
		vm.NewFunction("bit32.btest", bit32Btest),
		vm.NewFunction("bit32.bxor", bit32Bxor),
		vm.NewFunction("bit32.extract", bit32Extract),
		vm.NewFunction("bit32.lrotate", bit32Lrotate),
		vm.NewFunction("bit32.lshift", bit32Lshift),
		vm.NewFunction("bit32.replace", bit32Replace),
		vm.NewFunction("bit32.rrotate", bit32Rrotate),
		vm.NewFunction("bit32.rshift", bit32Rshift),
	}, nil)
}

const wordBits = 32

// checkWord returns a number modulo 2^32, rounded to the nearest integer before.
func checkWord(c *vm.Call, i int) uint32 {
	f, ok := c.Arg(i).AsNumber()
	if !ok {
		f = c.CheckNumber(i)
	}
	if n := int64(f); f >= -0x1p53 && f <= 0x1p53 && float64(n) == f {
		return uint32(n)
	}
	return toWord(f)
}

// toWord converts what is no small integer. C Lua 5.2 rounds to even on the usual machines; the manual leaves it open.
// Infinities and nan count as 0.
func toWord(f float64) uint32 {
	f = math.Mod(math.RoundToEven(f), 1<<wordBits)
	if f != f {
		return 0
	}
	return uint32(int64(f))
}

func returnWord(c *vm.Call, w uint32) error { return c.Return(vm.Number(float64(w))) }

func bit32Band(c *vm.Call) error { return returnWord(c, conjunction(c)) }

func bit32Btest(c *vm.Call) error { return c.Return(vm.Bool(conjunction(c) != 0)) }

func conjunction(c *vm.Call) uint32 {
	w := ^uint32(0)
	for i := 1; i <= c.NArgs(); i++ {
		w &= checkWord(c, i)
	}
	return w
}

func bit32Bor(c *vm.Call) error {
	w := uint32(0)
	for i := 1; i <= c.NArgs(); i++ {
		w |= checkWord(c, i)
	}
	return returnWord(c, w)
}

func bit32Bxor(c *vm.Call) error {
	w := uint32(0)
	for i := 1; i <= c.NArgs(); i++ {
		w ^= checkWord(c, i)
	}
	return returnWord(c, w)
}

func bit32Bnot(c *vm.Call) error { return returnWord(c, ^checkWord(c, 1)) }

// checkShift returns a word and how far to shift it. It looks at the second argument first, as C Lua's builds do: it
// shows when both are bad.
func checkShift(c *vm.Call) (w uint32, n int) {
	n = checkInt(c, 2)
	return checkWord(c, 1), n
}

func bit32Lshift(c *vm.Call) error { return returnWord(c, shiftLeft(checkShift(c))) }

func bit32Rshift(c *vm.Call) error {
	w, n := checkShift(c)
	return returnWord(c, shiftLeft(w, -n))
}

// shiftLeft shifts by n, to the right when n is negative, and fills with zeros.
func shiftLeft(w uint32, n int) uint32 {
	switch {
	case n >= wordBits || n <= -wordBits:
		return 0
	case n >= 0:
		return w << n
	}
	return w >> -n
}

func bit32Arshift(c *vm.Call) error {
	w := checkWord(c, 1)
	n := checkInt(c, 2)
	if n < 0 {
		return returnWord(c, shiftLeft(w, -n))
	}
	return returnWord(c, uint32(int32(w)>>min(n, wordBits-1)))
}

func bit32Lrotate(c *vm.Call) error {
	w, n := checkShift(c)
	return returnWord(c, bits.RotateLeft32(w, n%wordBits))
}

func bit32Rrotate(c *vm.Call) error {
	w, n := checkShift(c)
	return returnWord(c, bits.RotateLeft32(w, -(n%wordBits)))
}

func bit32Extract(c *vm.Call) error {
	w := checkWord(c, 1)
	field, mask := checkField(c, 2)
	return returnWord(c, w>>field&mask)
}

func bit32Replace(c *vm.Call) error {
	w, v := checkWord(c, 1), checkWord(c, 2)
	field, mask := checkField(c, 3)
	return returnWord(c, w&^(mask<<field)|v&mask<<field)
}

// checkField returns a field, given as argument i and the next one, by its lowest bit and a mask of its width.
func checkField(c *vm.Call, i int) (field int, mask uint32) {
	field, width := checkInt(c, i), optInt(c, i+1, 1)
	switch {
	case field < 0:
		panic(c.ArgError(i, "field cannot be negative"))
	case width <= 0:
		panic(c.ArgError(i+1, "width must be positive"))
	case width > wordBits || field > wordBits-width:
		panic(c.Errorf("trying to access non-existent bits"))
	}
	return field, ^uint32(0) >> (wordBits - width)
}
