package vm

import "unsafe"

// StringBytes returns the bytes of s without a copy. They must never be written to.
func StringBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// OwnBytes returns b as a Lua string without a copy. Nobody may write to b from then on.
func OwnBytes(b []byte) Value { return String(unsafe.String(unsafe.SliceData(b), len(b))) }
