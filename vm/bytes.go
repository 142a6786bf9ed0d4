package vm

import (
	"strings"
	"unsafe"
)

// StringBytes returns the bytes of s without a copy. They must never be written to.
func StringBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// TakeBytes returns b as a Lua string without a copy. The caller gives b up: nobody may write to it again.
func TakeBytes(b []byte) Value { return String(unsafe.String(unsafe.SliceData(b), len(b))) }

// NewBytes returns n bytes of any content, which the caller will write to before they are read. To clear many costs as much as
// to copy them. They have no other owner: it is the one way that Go has for memory that isn't cleared.
func NewBytes(n int) []byte {
	if n == 0 {
		return nil
	}
	var b strings.Builder
	b.Grow(n)
	b.WriteByte(0)
	return unsafe.Slice(unsafe.StringData(b.String()), n)
}
