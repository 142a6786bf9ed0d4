// Package md5 implements the Kepler project's module md5: sums, an HMAC and a stream cipher made of the hash.
package md5

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module md5, and md5.core, its part that is C elsewhere.
func Modules() []host.Module {
	return module.New("md5", "MD5 sums, an HMAC and a stream cipher made of the hash. They serve old programs; none of it is safe against attacks.").
		Func("sum(text: string) -> sum: string", func(c *vm.Call) error {
			sum := md5.Sum(vm.StringBytes(c.CheckString(1)))
			return c.Return(c.State().NewString(string(sum[:])))
		}, "Returns the 16 bytes of the sum.").
		Func("sumhexa(text: string) -> sum: string", func(c *vm.Call) error {
			sum := md5.Sum(vm.StringBytes(c.CheckString(1)))
			return c.Return(c.State().NewString(hex.EncodeToString(sum[:])))
		}, "Returns the sum in 32 hexadecimal digits.").
		Func("hmacmd5(text: string, key: string) -> sum: string", func(c *vm.Call) error {
			h := hmac.New(md5.New, vm.StringBytes(c.CheckString(2)))
			h.Write(vm.StringBytes(c.CheckString(1)))
			return c.Return(c.State().NewString(hex.EncodeToString(h.Sum(nil))))
		}, "Returns the HMAC (RFC 2104) in 32 hexadecimal digits.").
		Func("exor(a: string, b: string) -> text: string", exor, "Combines two strings of one length by exclusive or.").
		Func("crypt(text: string, key: string, seed?: string) -> cipher: string", crypt, "Encrypts a text.",
			"key: of 256 bytes at most", "seed: of 255 bytes at most; a random one when it is absent").
		Func("decrypt(cipher: string, key: string) -> text: string", decrypt, "Is the inverse of crypt.").
		Modules("md5.core")
}

// exor combines two strings of one length.
func exor(c *vm.Call) error {
	a, b := c.CheckString(1), c.CheckString(2)
	if len(a) != len(b) {
		return c.ArgError(2, "lengths must be equal")
	}
	out := []byte(a)
	for i := range out {
		out[i] ^= b[i]
	}
	return c.Return(c.State().NewString(string(out)))
}

func crypt(c *vm.Call) error {
	seed := c.OptString(3, "")
	if c.Arg(3).IsNil() {
		random := make([]byte, md5.Size)
		_, _ = rand.Read(random) // never fails
		seed = string(random)
	}
	text := c.CheckString(1)
	if err := c.State().Reserve(len(text) + len(seed) + 1); err != nil {
		return err
	}
	out, err := Crypt(text, c.CheckString(2), seed)
	if err != nil {
		return err
	}
	return c.Return(c.State().NewString(string(out)))
}

func decrypt(c *vm.Call) error {
	out, err := Decrypt(c.CheckString(1), c.CheckString(2))
	if err != nil {
		return err
	}
	return c.Return(c.State().NewString(string(out)))
}

// maxKey and maxSeed are the longest key and seed of Crypt, in bytes.
const (
	maxKey  = 256
	maxSeed = 255
)

// Crypt encrypts text with MD5 in cipher feedback mode. The result begins with the seed's length and the seed.
func Crypt(text, key, seed string) ([]byte, error) {
	block, err := firstBlock(key, seed)
	if err != nil {
		return nil, err
	}
	out := append([]byte{byte(len(seed))}, seed...)
	for len(text) > 0 {
		code := md5.Sum(block)
		n := min(len(code), len(text))
		for i := range n {
			code[i] ^= text[i]
		}
		out = append(out, code[:n]...)
		copy(block, code[:n])
		text = text[n:]
	}
	return out, nil
}

// Decrypt is the inverse of Crypt.
func Decrypt(text, key string) ([]byte, error) {
	if text == "" || len(text) < 1+int(text[0]) {
		return nil, errors.New("invalid cyphered string")
	}
	seed, text := text[1:1+int(text[0])], text[1+int(text[0]):]
	block, err := firstBlock(key, seed)
	if err != nil {
		return nil, err
	}
	var out []byte
	for len(text) > 0 {
		code := md5.Sum(block)
		n := min(len(code), len(text))
		for i := range n {
			code[i] ^= text[i]
		}
		out = append(out, code[:n]...)
		copy(block, text[:n])
		text = text[n:]
	}
	return out, nil
}

// firstBlock is what is hashed for the first bytes: the seed in 16 bytes, then the key.
func firstBlock(key, seed string) ([]byte, error) {
	if len(key) > maxKey {
		return nil, fmt.Errorf("key too long (> %d)", maxKey)
	}
	if len(seed) > maxSeed {
		return nil, fmt.Errorf("seed too long (> %d)", maxSeed)
	}
	block := make([]byte, md5.Size, md5.Size+len(key))
	if len(seed) > md5.Size {
		sum := md5.Sum([]byte(seed))
		copy(block, sum[:])
	} else {
		copy(block, seed)
	}
	return append(block, key...), nil
}
