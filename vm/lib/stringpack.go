package lib

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strings"

	"github.com/luahost/luahost/vm"
)

// string.pack, packsize and unpack of Lua 5.3 (its manual, section 6.4.2). A number stands for an integer when it has
// no fraction; what is read as an integer beyond 2^53 is rounded. Unsigned integers of 8 bytes and more are those of
// Lua 5.3, negative from 2^63 on.

// packKind is what an option of a format does.
type packKind uint8

const (
	packInt packKind = iota
	packUint
	packFloat
	packChars   // a string of fixed length
	packString  // a string after its length
	packZString // a string that ends with a zero
	packPadding
	packAlign
	packNothing
)

const (
	maxIntSize   = 16
	nativeAlign  = 8
	sizeOfInt    = 4
	sizeOfNumber = 8 // also of long, size_t and lua_Integer
)

// packFormat reads a format string.
type packFormat struct {
	c        *vm.Call
	rest     string
	big      bool
	maxAlign int
}

func newPackFormat(c *vm.Call) packFormat {
	return packFormat{c: c, rest: c.CheckString(1), maxAlign: 1}
}

// packItem is an option with its size, and the padding before it.
type packItem struct {
	kind packKind
	size int
	pad  int
}

// next reads the option that follows at a place of the packed string.
func (f *packFormat) next(at int) (packItem, error) {
	kind, size, err := f.option()
	if err != nil {
		return packItem{}, err
	}
	align := size
	if kind == packAlign {
		if f.rest == "" {
			return packItem{}, f.badAlign()
		}
		var next packKind
		if next, align, err = f.option(); err != nil {
			return packItem{}, err
		}
		if next == packChars || align == 0 {
			return packItem{}, f.badAlign()
		}
	}
	if align <= 1 || kind == packChars {
		return packItem{kind, size, 0}, nil
	}
	align = min(align, f.maxAlign)
	if align&(align-1) != 0 {
		return packItem{}, f.c.ArgError(1, "format asks for alignment not power of 2")
	}
	return packItem{kind, size, -at & (align - 1)}, nil
}

func (f *packFormat) badAlign() error {
	return f.c.ArgError(1, "invalid next option for option 'X'")
}

// option reads one option and the size that it has.
func (f *packFormat) option() (kind packKind, size int, err error) {
	letter := f.rest[0]
	f.rest = f.rest[1:]
	switch letter {
	case 'b':
		return packInt, 1, nil
	case 'B':
		return packUint, 1, nil
	case 'h':
		return packInt, 2, nil
	case 'H':
		return packUint, 2, nil
	case 'l', 'j':
		return packInt, sizeOfNumber, nil
	case 'L', 'J', 'T':
		return packUint, sizeOfNumber, nil
	case 'i':
		size, err = f.intSize(sizeOfInt)
		return packInt, size, err
	case 'I':
		size, err = f.intSize(sizeOfInt)
		return packUint, size, err
	case 'f':
		return packFloat, 4, nil
	case 'd', 'n':
		return packFloat, sizeOfNumber, nil
	case 's':
		size, err = f.intSize(sizeOfNumber)
		return packString, size, err
	case 'c':
		if size = f.number(-1); size < 0 {
			err = f.c.Errorf("missing size for format option 'c'")
		}
		return packChars, size, err
	case 'z':
		return packZString, 0, nil
	case 'x':
		return packPadding, 1, nil
	case 'X':
		return packAlign, 0, nil
	case '<', '=':
		f.big = false
	case '>':
		f.big = true
	case '!':
		f.maxAlign, err = f.intSize(nativeAlign)
	case ' ':
	default:
		err = f.c.Errorf("invalid format option '%s'", string([]byte{letter}))
	}
	return packNothing, 0, err
}

// number reads digits, as many as fit; def stands for none.
func (f *packFormat) number(def int) int {
	if !isDigitAt(f.rest, 0) {
		return def
	}
	n := 0
	for isDigitAt(f.rest, 0) && n <= (maxString-9)/10 {
		n = n*10 + int(f.rest[0]-'0')
		f.rest = f.rest[1:]
	}
	return n
}

func isDigitAt(s string, i int) bool { return i < len(s) && s[i]-'0' <= 9 }

func (f *packFormat) intSize(def int) (int, error) {
	size := f.number(def)
	if size < 1 || size > maxIntSize {
		return 0, f.c.Errorf("integral size (%d) out of limits [1,%d]", size, maxIntSize)
	}
	return size, nil
}

func stringPack(c *vm.Call) error {
	var small [128]byte
	out := small[:0]
	p := packer{packFormat: newPackFormat(c), arg: 1}
	for p.rest != "" {
		item, err := p.next(len(out))
		if err != nil {
			return err
		}
		if out, err = p.pack(out, item); err != nil {
			return err
		}
	}
	return c.Return(c.State().NewString(string(out)))
}

// packer is string.pack at work. Its methods append to what they are given, which can so stay off the heap.
type packer struct {
	packFormat
	arg int // the last one used
}

func (p *packer) pack(out []byte, item packItem) ([]byte, error) {
	out = appendZeros(out, item.pad)
	switch item.kind {
	case packInt, packUint:
		p.arg++
		return p.integer(out, item)
	case packFloat:
		p.arg++
		return p.float(out, item.size), nil
	case packChars, packString, packZString:
		p.arg++
		return p.string(out, item)
	case packPadding:
		return append(out, 0), nil
	}
	return out, nil
}

func (p *packer) integer(out []byte, item packItem) ([]byte, error) {
	n := checkInteger(p.c, p.arg)
	if item.size < sizeOfNumber {
		limit := 1 << (8*item.size - 1)
		if item.kind == packInt && (n < -limit || n >= limit) {
			return nil, p.c.ArgError(p.arg, "integer overflow")
		}
		if item.kind == packUint && (n < 0 || n >= 2*limit) {
			return nil, p.c.ArgError(p.arg, "unsigned overflow")
		}
	}
	return p.write(out, uint64(n), item.size, item.kind == packInt && n < 0), nil
}

// write appends an integer of any size.
func (p *packer) write(out []byte, n uint64, size int, negative bool) []byte {
	at := len(out)
	fill := byte(0)
	if negative {
		fill = 0xFF
	}
	for i := range size {
		b := fill
		if i < sizeOfNumber {
			b = byte(n >> (8 * i))
		}
		out = append(out, b)
	}
	if p.big {
		reverseBytes(out[at:])
	}
	return out
}

func reverseBytes(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}

func (p *packer) float(out []byte, size int) []byte {
	x := p.c.CheckNumber(p.arg)
	if size == 4 {
		return p.write(out, uint64(math.Float32bits(float32(x))), size, false)
	}
	return p.write(out, math.Float64bits(x), size, false)
}

func (p *packer) string(out []byte, item packItem) ([]byte, error) {
	s := p.c.CheckString(p.arg)
	length := len(s)
	switch item.kind {
	case packChars:
		if len(s) > item.size {
			return nil, p.c.ArgError(p.arg, "string longer than given size")
		}
		length = item.size
	case packString:
		if item.size < sizeOfNumber && bits.Len(uint(len(s))) > 8*item.size {
			return nil, p.c.ArgError(p.arg, "string length does not fit in given size")
		}
		out = p.write(out, uint64(len(s)), item.size, false)
	case packZString:
		if strings.IndexByte(s, 0) >= 0 {
			return nil, p.c.ArgError(p.arg, "string contains zeros")
		}
		length++
	}
	if length > cap(out)-len(out) {
		if err := reserve(p.c.State(), len(out)+length); err != nil {
			return nil, err
		}
	}
	out = append(out, s...)
	return appendZeros(out, length-len(s)), nil
}

func appendZeros(dst []byte, n int) []byte {
	if n == 0 {
		return dst
	}
	return append(dst, make([]byte, n)...)
}

func stringPackSize(c *vm.Call) error {
	f := newPackFormat(c)
	total := 0
	for f.rest != "" {
		item, err := f.next(total)
		if err != nil {
			return err
		}
		if item.kind == packString || item.kind == packZString {
			return c.ArgError(1, "variable-size format in packsize")
		}
		size := item.pad + item.size
		if total > maxString-size {
			return c.ArgError(1, "format result too large")
		}
		total += size
	}
	return c.Return(vm.Int(total))
}

func stringUnpack(c *vm.Call) error {
	f := newPackFormat(c)
	data := c.CheckString(2)
	at := optInteger(c, 3, 1)
	if at < 0 {
		at = max(at+len(data)+1, 0)
	}
	if at--; at < 0 || at > len(data) {
		return c.ArgError(3, "initial position out of string")
	}
	for f.rest != "" {
		item, err := f.next(at)
		if err != nil {
			return err
		}
		if item.pad+item.size > len(data)-at {
			return c.ArgError(2, "data string too short")
		}
		at += item.pad
		if at, err = f.unpack(item, data, at); err != nil {
			return err
		}
	}
	return c.Return(vm.Int(at + 1))
}

// unpack reads what an option stands for at a place where it fits, and returns the place behind it.
func (f *packFormat) unpack(item packItem, data string, at int) (end int, err error) {
	end = at + item.size
	var v vm.Value
	switch item.kind {
	case packInt, packUint:
		x, err := f.readInt(data[at:end], item.kind == packInt)
		if err != nil {
			return 0, err
		}
		v = vm.Number(x)
	case packFloat:
		v = vm.Number(f.readFloat(data[at:end]))
	case packChars:
		v = piece(f.c.State(), data, at, end)
	case packString:
		n, err := f.readInt(data[at:end], false)
		if err != nil {
			return 0, err
		}
		if n < 0 || n > float64(len(data)-end) {
			return 0, f.c.ArgError(2, "data string too short")
		}
		start := end
		end += int(n)
		v = piece(f.c.State(), data, start, end)
	case packZString:
		n := strings.IndexByte(data[at:], 0)
		if n < 0 {
			return 0, f.c.ArgError(2, "unfinished string for format 'z'")
		}
		v = piece(f.c.State(), data, at, at+n)
		end = at + n + 1
	default:
		return end, nil
	}
	return end, f.c.Return(v)
}

// readInt reads an integer of as many bytes as b has. Those of more than 8 bytes must fit into 8.
func (f *packFormat) readInt(b string, signed bool) (float64, error) {
	n, excess := f.word(b)
	size := min(len(b), sizeOfNumber)
	shift := 64 - 8*size
	negative := int64(n<<shift) < 0
	if len(b) > sizeOfNumber {
		sign := byte(0)
		if signed && negative {
			sign = 0xFF
		}
		for i := range len(excess) {
			if excess[i] != sign {
				return 0, f.c.Errorf("%d-byte integer does not fit into Lua Integer", len(b))
			}
		}
	}
	if signed {
		return float64(int64(n<<shift) >> shift), nil
	}
	return float64(int64(n)), nil
}

// word returns the lowest eight bytes of b, or what there is of them, as a number, and the bytes beyond.
func (f *packFormat) word(b string) (n uint64, excess string) {
	var low [sizeOfNumber]byte
	if f.big {
		cut := max(len(b)-sizeOfNumber, 0)
		copy(low[sizeOfNumber-len(b)+cut:], b[cut:])
		return binary.BigEndian.Uint64(low[:]), b[:cut]
	}
	n = uint64(copy(low[:], b))
	return binary.LittleEndian.Uint64(low[:]), b[n:]
}

func (f *packFormat) readFloat(b string) float64 {
	n, _ := f.word(b)
	if len(b) == 4 {
		return float64(math.Float32frombits(uint32(n)))
	}
	return math.Float64frombits(n)
}
