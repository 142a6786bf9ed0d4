package lib

import (
	"math"
	"strings"
	"unique"

	"github.com/luahost/luahost/vm"
)

// stringLibrary makes the library string (Lua 5.2 manual, section 6.4; pack, packsize and unpack are those of 5.3).
func stringLibrary() *vm.Library {
	m := newMatching()
	return vm.NewLibrary("string", []*vm.GoFunction{
		vm.NewFunction("string.byte", stringByte),
		vm.NewFunction("string.char", stringChar),
		vm.NewFunction("string.dump", stringDump),
		vm.NewFunction("string.find", m.find),
		vm.NewFunction("string.format", stringFormat),
		vm.NewFunction("string.gmatch", m.gmatch),
		vm.NewFunction("string.gsub", m.gsub),
		vm.NewFunction("string.len", stringLen),
		vm.NewFunction("string.lower", stringLower),
		vm.NewFunction("string.match", m.match),
		vm.NewFunction("string.pack", stringPack),
		vm.NewFunction("string.packsize", stringPackSize),
		vm.NewFunction("string.rep", stringRep),
		vm.NewFunction("string.reverse", stringReverse),
		vm.NewFunction("string.sub", stringSub),
		vm.NewFunction("string.unpack", stringUnpack),
		vm.NewFunction("string.upper", stringUpper),
	}, nil)
}

// maxString is the longest string that the library makes, as in C Lua 5.2.
const maxString = math.MaxInt32

// characters holds the strings of one byte. They come from the pool of canonical strings, where the constants of Lua
// code come from too: the same character then has the same address, and comparing is cheap.
var characters = makeCharacters()

type characterSet struct {
	values  [256]vm.Value
	handles [256]unique.Handle[string] // keep the strings in the pool
}

func makeCharacters() (set characterSet) {
	for i := range set.values {
		set.handles[i] = unique.Make(string([]byte{byte(i)}))
		set.values[i] = vm.String(set.handles[i].Value())
	}
	return set
}

// A piece of a string shares its bytes, unless it is small and would keep a large string alive.
const (
	largeString = 4096
	smallPiece  = 8 // times as long as the piece is a string that is not kept for it
)

// piece returns s[start:end] as a Lua string.
func piece(state *vm.State, s string, start, end int) vm.Value {
	if end-start == 1 {
		return characters.values[s[start]]
	}
	if len(s) > largeString && end-start < len(s)/smallPiece {
		return state.NewString(strings.Clone(s[start:end]))
	}
	return vm.String(s[start:end])
}

// sliceBounds turns positions as string.sub takes them (from 1, or negative from the end) into a slice's bounds.
func sliceBounds(i, j, length int) (start, end int) {
	if i < 0 {
		i = max(i+length+1, 1)
	} else if i == 0 {
		i = 1
	}
	if j < 0 {
		j += length + 1
	} else if j > length {
		j = length
	}
	if i > j {
		return 0, 0
	}
	return i - 1, j
}

func stringSub(c *vm.Call) error {
	s := c.CheckString(1)
	start, end := sliceBounds(checkInt(c, 2), optInt(c, 3, -1), len(s))
	return c.Return(piece(c.State(), s, start, end))
}

func stringByte(c *vm.Call) error {
	s := c.CheckString(1)
	i := optInt(c, 2, 1)
	start, end := sliceBounds(i, optInt(c, 3, i), len(s))
	if end-start == 1 {
		return c.Return(vm.Int(int(s[start])))
	}
	results, ok := c.Extend(end - start)
	if !ok {
		return c.Errorf("stack overflow (string slice too long)")
	}
	for k := range results {
		results[k] = vm.Int(int(s[start+k]))
	}
	return nil
}

func stringChar(c *vm.Call) error {
	if c.NArgs() == 1 {
		return c.Return(characters.values[checkByte(c, 1)])
	}
	var small [64]byte
	b := small[:0]
	for i := range c.NArgs() {
		b = append(b, checkByte(c, i+1))
	}
	return c.Return(c.State().NewString(string(b)))
}

func checkByte(c *vm.Call, i int) byte {
	n := checkInt(c, i)
	if uint(n) > math.MaxUint8 {
		panic(c.ArgError(i, "value out of range"))
	}
	return byte(n)
}

func stringLen(c *vm.Call) error { return c.Return(vm.Int(len(c.CheckString(1)))) }

func stringDump(c *vm.Call) error {
	f := c.CheckFunction(1)
	chunk, ok := vm.Dump(f, c.Arg(2).Truthy())
	if !ok {
		return c.Errorf("unable to dump given function")
	}
	if err := work(c.State(), 16*len(chunk)); err != nil {
		return err
	}
	return c.Return(c.State().NewString(string(chunk)))
}

func stringRep(c *vm.Call) error {
	s, n, sep := c.CheckString(1), checkInt(c, 2), c.OptString(3, "")
	unit := len(s) + len(sep)
	if n <= 0 || unit == 0 {
		return c.Return(vm.String(""))
	}
	if n == 1 {
		return c.Return(vm.String(s))
	}
	if n >= maxString || unit >= maxString/n {
		return c.Errorf("resulting string too large")
	}
	size := unit*n - len(sep)
	if err := reserve(c.State(), size); err != nil {
		return err
	}
	b := make([]byte, size)
	done := copy(b, s)
	done += copy(b[done:], sep)
	chunk := done
	for done < size {
		if chunk < repChunk {
			chunk = done
		}
		done += copy(b[done:], b[:chunk])
	}
	return c.Return(vm.TakeBytes(b))
}

// repChunk is about the size from which on copying larger chunks is not faster.
const repChunk = 8 << 10

func stringLower(c *vm.Call) error { return translate(c, &lowerCase) }

func stringUpper(c *vm.Call) error { return translate(c, &upperCase) }

var lowerCase, upperCase = caseTables()

func caseTables() (lower, upper [256]byte) {
	for i := range lower {
		lower[i], upper[i] = byte(i), byte(i)
	}
	for i := 'a'; i <= 'z'; i++ {
		lower[i-'a'+'A'] = byte(i)
		upper[i] = byte(i - 'a' + 'A')
	}
	return lower, upper
}

// translate returns the first argument with each byte replaced by what table has for it.
func translate(c *vm.Call, table *[256]byte) error {
	s := c.CheckString(1)
	same := 0
	for same < len(s) && table[s[same]] == s[same] {
		same++
	}
	if same == len(s) {
		return c.Return(vm.String(s))
	}
	if err := reserve(c.State(), len(s)); err != nil {
		return err
	}
	b := make([]byte, len(s))
	copy(b, s[:same])
	for i := same; i < len(b); i++ {
		b[i] = table[s[i]]
	}
	return c.Return(vm.TakeBytes(b))
}

func stringReverse(c *vm.Call) error {
	s := c.CheckString(1)
	if len(s) <= 1 {
		return c.Return(vm.String(s))
	}
	if err := reserve(c.State(), len(s)); err != nil {
		return err
	}
	b := make([]byte, len(s))
	for i := range b {
		b[i] = s[len(s)-1-i]
	}
	return c.Return(vm.TakeBytes(b))
}
