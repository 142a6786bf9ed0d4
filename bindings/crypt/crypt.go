// Package crypt implements skynet's module skynet.crypt (also crypt and client.crypt): the hashes, ciphers and text
// codings that its login and gate protocols are made of.
//
// All of it is kept for its wire format. DES, a 64-bit Diffie-Hellman group and folded MD5 protect nothing today;
// for secrecy use TLS.
package crypt

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
)

// HashKey hashes text to 8 bytes: Bernstein's hash in the first four, JS hash in the others, both little-endian.
func HashKey(text string) [8]byte {
	djb, js := uint32(5381), uint32(1315423911)
	for i := range len(text) {
		c := uint32(text[i])
		djb += djb<<5 + c
		js ^= js<<5 + c + js>>2
	}
	var key [8]byte
	binary.LittleEndian.PutUint32(key[:], djb)
	binary.LittleEndian.PutUint32(key[4:], js)
	return key
}

// RandomKey returns 8 random bytes whose exclusive or isn't 0, so that the key isn't 0 either.
func RandomKey() (key [8]byte) {
	_, _ = rand.Read(key[:]) // never fails
	sum := byte(0)
	for _, b := range key {
		sum ^= b
	}
	if sum == 0 {
		key[0] ^= 1
	}
	return key
}

// The paddings of DESEncode.
const (
	PaddingISO7816 = 0 // a byte 0x80, then zeros (ISO/IEC 7816-4)
	PaddingPKCS7   = 1 // n bytes of value n (RFC 5652, section 6.3)
)

// DESEncode encrypts text with DES in ECB mode. The key has 8 bytes.
func DESEncode(key, text string, padding int) ([]byte, error) {
	block, err := desCipher(key)
	if err != nil {
		return nil, err
	}
	n := des.BlockSize - len(text)%des.BlockSize
	out := make([]byte, len(text)+n)
	rest := out[copy(out, text):]
	switch padding {
	case PaddingISO7816:
		rest[0] = 0x80
	case PaddingPKCS7:
		for i := range rest {
			rest[i] = byte(n)
		}
	default:
		return nil, fmt.Errorf("Invalid padding mode %d", padding)
	}
	for b := out; len(b) > 0; b = b[des.BlockSize:] {
		block.Encrypt(b, b)
	}
	return out, nil
}

var errCipherText = errors.New("Invalid des crypt text")

// DESDecode is the inverse of DESEncode.
func DESDecode(key, text string, padding int) ([]byte, error) {
	block, err := desCipher(key)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 || len(text)%des.BlockSize != 0 {
		return nil, fmt.Errorf("Invalid des crypt text length %d", len(text))
	}
	out := []byte(text)
	for b := out; len(b) > 0; b = b[des.BlockSize:] {
		block.Decrypt(b, b)
	}
	switch padding {
	case PaddingISO7816:
		return cutISO7816(out)
	case PaddingPKCS7:
		return cutPKCS7(out)
	}
	return nil, fmt.Errorf("Invalid padding mode %d", padding)
}

func cutISO7816(text []byte) ([]byte, error) {
	for i := len(text) - 1; i >= len(text)-des.BlockSize; i-- {
		switch text[i] {
		case 0:
		case 0x80:
			return text[:i], nil
		default:
			return nil, errCipherText
		}
	}
	return nil, errCipherText
}

func cutPKCS7(text []byte) ([]byte, error) {
	n := int(text[len(text)-1])
	if n == 0 || n > des.BlockSize {
		return nil, errCipherText
	}
	for _, b := range text[len(text)-n:] {
		if int(b) != n {
			return nil, errCipherText
		}
	}
	return text[:len(text)-n], nil
}

func desCipher(key string) (cipher.Block, error) {
	if len(key) != des.BlockSize {
		return nil, fmt.Errorf("Invalid key size %d, need 8 bytes", len(key))
	}
	return des.NewCipher([]byte(key))
}

// HMAC64 hashes two 8-byte values with MD5's compression function: one block that holds y and x four times, as words
// of which each pair is swapped; the state is taken without the initial values and folded to 8 bytes.
func HMAC64(x, y [8]byte) [8]byte {
	var block [md5.BlockSize]byte
	for i := 0; i < len(block); i += 16 {
		copy(block[i:], x[4:])
		copy(block[i+4:], x[:4])
		copy(block[i+8:], y[4:])
		copy(block[i+12:], y[:4])
	}
	r := compress(block)
	var out [8]byte
	binary.LittleEndian.PutUint32(out[:], r[2]^r[3])
	binary.LittleEndian.PutUint32(out[4:], r[0]^r[1])
	return out
}

// compress returns what MD5's compression function adds to the initial state for one block.
func compress(block [md5.BlockSize]byte) (r [4]uint32) {
	type state interface {
		AppendBinary([]byte) ([]byte, error)
	}
	h := md5.New()
	initial, _ := h.(state).AppendBinary(nil)
	h.Write(block[:])
	final, _ := h.(state).AppendBinary(nil)
	const words = len("md5\x01") // where the chaining value begins
	for i := range r {
		at := words + 4*i
		r[i] = binary.BigEndian.Uint32(final[at:]) - binary.BigEndian.Uint32(initial[at:])
	}
	return r
}

// HMAC64MD5 hashes x and y, repeated three times, with MD5 and folds the halves of the result.
func HMAC64MD5(x, y [8]byte) (out [8]byte) {
	var text []byte
	for range 3 {
		text = append(append(text, x[:]...), y[:]...)
	}
	sum := md5.Sum(text)
	for i := range out {
		out[i] = sum[i] ^ sum[i+8]
	}
	return out
}

// HMACHash is HMAC64 of the text's HashKey and a key.
func HMACHash(key [8]byte, text string) [8]byte { return HMAC64(HashKey(text), key) }

// The group of DHExchange: the largest prime below 2^64, and a generator.
const (
	dhPrime     = 0xffffffffffffffc5
	dhGenerator = 5
)

var errZeroKey = errors.New("Can't be 0")

// DHExchange returns what is sent to the other side for a secret x: 5^x mod p, little-endian.
func DHExchange(x [8]byte) ([8]byte, error) {
	n := binary.LittleEndian.Uint64(x[:])
	if n == 0 {
		return x, errZeroKey
	}
	return dhBytes(powMod(dhGenerator, n)), nil
}

// DHSecret returns the shared secret x^y mod p of what the other side sent and the own secret y.
func DHSecret(x, y [8]byte) ([8]byte, error) {
	base, exponent := binary.LittleEndian.Uint64(x[:]), binary.LittleEndian.Uint64(y[:])
	if exponent == 0 || base == 0 {
		return x, errZeroKey
	}
	return dhBytes(powMod(base, exponent)), nil
}

func dhBytes(n uint64) (b [8]byte) {
	binary.LittleEndian.PutUint64(b[:], n)
	return b
}

func powMod(base, exponent uint64) uint64 {
	base %= dhPrime
	result := uint64(1)
	for ; exponent > 0; exponent >>= 1 {
		if exponent&1 != 0 {
			result = mulMod(result, base)
		}
		base = mulMod(base, base)
	}
	return result
}

func mulMod(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, rem := bits.Div64(hi, lo, dhPrime)
	return rem
}

// HexDecode decodes pairs of hexadecimal digits of either case.
func HexDecode(text string) ([]byte, error) {
	if len(text)%2 != 0 {
		return nil, fmt.Errorf("Invalid hex text size %d", len(text))
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, errors.New("Invalid hex text")
	}
	return b, nil
}

// Base64Decode decodes padded base64 (RFC 4648, section 4) and skips characters outside of the alphabet, as skynet
// does; the text must end with a whole group.
func Base64Decode(text string) ([]byte, error) {
	kept := make([]byte, 0, len(text))
	skipped := 0 // since the last group
	for i := range len(text) {
		if !inBase64(text[i]) {
			skipped++
			continue
		}
		if kept = append(kept, text[i]); len(kept)%4 == 0 {
			skipped = 0
		}
	}
	if skipped > 0 {
		return nil, errBase64
	}
	return decodeGroups(kept)
}

var errBase64 = errors.New("Invalid base64 text")

func inBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '='
}

// decodeGroups decodes groups of four, of which each may be padded.
func decodeGroups(text []byte) ([]byte, error) {
	out := make([]byte, 0, len(text)/4*3)
	for start := 0; start < len(text); {
		end := start // behind the first padded group
		for end < len(text) && text[end] != '=' {
			end++
		}
		end = min(len(text), (end/4+1)*4)
		var err error
		if out, err = base64.StdEncoding.Strict().AppendDecode(out, text[start:end]); err != nil {
			return nil, errBase64
		}
		start = end
	}
	return out, nil
}

// HMACSHA1 is the HMAC of text (RFC 2104) with SHA-1.
func HMACSHA1(key, text string) []byte {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// XOR combines text with a key that repeats.
func XOR(text, key string) ([]byte, error) {
	if key == "" {
		return nil, errors.New("Can't xor empty string")
	}
	out := []byte(text)
	for i := range out {
		out[i] ^= key[i%len(key)]
	}
	return out, nil
}
