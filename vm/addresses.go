package vm

import "unsafe"

// addressSet has the addresses of objects, a bit for each eight bytes of memory: objects of one size stand side by side, so
// that this takes a few percent of their own size, where a map of them would take half of it.
type addressSet map[uintptr]uint64

const (
	addressGrain = 3 // log2 of the bytes of a bit
	addressBlock = addressGrain + 6
)

func addressBit(p unsafe.Pointer) (block uintptr, bit uint64) {
	a := uintptr(p)
	return a >> addressBlock, 1 << (a >> addressGrain & 63)
}

func (s addressSet) has(p unsafe.Pointer) bool {
	block, bit := addressBit(p)
	return s[block]&bit != 0
}

// add reports whether the address is new.
func (s addressSet) add(p unsafe.Pointer) bool {
	block, bit := addressBit(p)
	bits := s[block]
	if bits&bit != 0 {
		return false
	}
	s[block] = bits | bit
	return true
}
