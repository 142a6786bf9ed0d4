package vm

import "unsafe"

// StringBytes returns the bytes of s without a copy. They must never be written to.
func StringBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
