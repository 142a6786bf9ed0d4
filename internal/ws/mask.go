package ws

import "encoding/binary"

// Mask writes to dst what src is when it is masked, or unmasked (RFC 6455, section 5.3). They have one length, and may be
// the same.
func Mask(dst, src []byte, key [4]byte) {
	word := uint64(binary.LittleEndian.Uint32(key[:]))
	word |= word << 32
	for len(dst) >= 32 && len(src) >= 32 {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)^word)
		binary.LittleEndian.PutUint64(dst[8:], binary.LittleEndian.Uint64(src[8:])^word)
		binary.LittleEndian.PutUint64(dst[16:], binary.LittleEndian.Uint64(src[16:])^word)
		binary.LittleEndian.PutUint64(dst[24:], binary.LittleEndian.Uint64(src[24:])^word)
		dst, src = dst[32:], src[32:]
	}
	for i := range src {
		dst[i] = src[i] ^ key[i&3]
	}
}
