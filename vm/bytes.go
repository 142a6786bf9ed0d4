package vm

import "unsafe"

// StringBytes returns the bytes of s without a copy. They must never be written to.
func StringBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// TakeBytes returns b as a Lua string without a copy. The caller gives b up: nobody may write to it again.
func TakeBytes(b []byte) Value { return String(unsafe.String(unsafe.SliceData(b), len(b))) }
