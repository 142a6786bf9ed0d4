package crypt

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under the names that scripts know: skynet.crypt, crypt and client.crypt.
func Modules() []host.Module {
	var modules []host.Module
	for _, name := range []string{"skynet.crypt", "crypt", "client.crypt"} {
		modules = append(modules, host.Module{Name: name, Open: open})
	}
	return modules
}

func open(s *host.Service) (vm.Value, error) { return Open(s.State()), nil }

// Open makes the module's table in a state that needs no service around it.
func Open(s *vm.State) vm.Value {
	t := s.Open(library)
	padding := s.NewTable(0, 2)
	padding.SetString("iso7816_4", vm.Int(PaddingISO7816))
	padding.SetString("pkcs7", vm.Int(PaddingPKCS7))
	t.SetString("padding", padding.Value())
	return t.Value()
}

var library = vm.NewLibrary("crypt", []*vm.GoFunction{
	vm.NewFunction("crypt.hashkey", func(c *vm.Call) error {
		key := HashKey(c.CheckString(1))
		return push(c, key[:], nil)
	}),
	vm.NewFunction("crypt.randomkey", func(c *vm.Call) error {
		key := RandomKey()
		return push(c, key[:], nil)
	}),
	vm.NewFunction("crypt.desencode", desEncode),
	vm.NewFunction("crypt.desdecode", desDecode),
	vm.NewFunction("crypt.hexencode", hexEncode),
	vm.NewFunction("crypt.hexdecode", hexDecode),
	vm.NewFunction("crypt.hmac64", func(c *vm.Call) error { return combine(c, "Invalid uint64 x", HMAC64) }),
	vm.NewFunction("crypt.hmac64_md5", func(c *vm.Call) error { return combine(c, "Invalid uint64 x", HMAC64MD5) }),
	vm.NewFunction("crypt.dhexchange", dhExchange),
	vm.NewFunction("crypt.dhsecret", dhSecret),
	vm.NewFunction("crypt.base64encode", base64Encode),
	vm.NewFunction("crypt.base64decode", base64Decode),
	vm.NewFunction("crypt.sha1", func(c *vm.Call) error {
		sum := sha1.Sum([]byte(c.CheckString(1)))
		return push(c, sum[:], nil)
	}),
	vm.NewFunction("crypt.hmac_sha1", func(c *vm.Call) error {
		return push(c, HMACSHA1(c.CheckString(1), c.CheckString(2)), nil)
	}),
	vm.NewFunction("crypt.hmac_hash", hmacHash),
	vm.NewFunction("crypt.xor_str", xorStr),
}, nil)

func push(c *vm.Call, b []byte, err error) error {
	if err != nil {
		return err
	}
	return c.Return(c.State().NewString(string(b)))
}

// key returns an argument of 8 bytes.
func key(c *vm.Call, i int, message string) (k [8]byte, err error) {
	text := c.CheckString(i)
	if len(text) != len(k) {
		return k, c.Errorf("%s", message)
	}
	copy(k[:], text)
	return k, nil
}

func keys(c *vm.Call, message string) (x, y [8]byte, err error) {
	if x, err = key(c, 1, message); err == nil {
		y, err = key(c, 2, message)
	}
	return x, y, err
}

func combine(c *vm.Call, message string, f func(x, y [8]byte) [8]byte) error {
	x, y, err := keys(c, message)
	if err != nil {
		return err
	}
	out := f(x, y)
	return push(c, out[:], nil)
}

func desEncode(c *vm.Call) error {
	k, text := c.CheckString(1), c.CheckString(2)
	if err := c.State().Reserve(len(text) + 8); err != nil {
		return err
	}
	b, err := DESEncode(k, text, c.OptInt(3, PaddingISO7816))
	return push(c, b, err)
}

func desDecode(c *vm.Call) error {
	b, err := DESDecode(c.CheckString(1), c.CheckString(2), c.OptInt(3, PaddingISO7816))
	return push(c, b, err)
}

func hexEncode(c *vm.Call) error {
	text := c.CheckString(1)
	if err := c.State().Reserve(2 * len(text)); err != nil {
		return err
	}
	return push(c, hex.AppendEncode(nil, []byte(text)), nil)
}

func hexDecode(c *vm.Call) error {
	b, err := HexDecode(c.CheckString(1))
	return push(c, b, err)
}

func dhExchange(c *vm.Call) error {
	x, err := key(c, 1, "Invalid dh uint64 key")
	if err != nil {
		return err
	}
	out, err := DHExchange(x)
	return push(c, out[:], err)
}

func dhSecret(c *vm.Call) error {
	x, y, err := keys(c, "Invalid uint64 x")
	if err != nil {
		return err
	}
	out, err := DHSecret(x, y)
	return push(c, out[:], err)
}

func base64Encode(c *vm.Call) error {
	text := c.CheckString(1)
	if err := c.State().Reserve(base64.StdEncoding.EncodedLen(len(text))); err != nil {
		return err
	}
	return push(c, base64.StdEncoding.AppendEncode(nil, []byte(text)), nil)
}

func base64Decode(c *vm.Call) error {
	b, err := Base64Decode(c.CheckString(1))
	return push(c, b, err)
}

func hmacHash(c *vm.Call) error {
	k, err := key(c, 1, "Invalid uint64 key")
	if err != nil {
		return err
	}
	out := HMACHash(k, c.CheckString(2))
	return push(c, out[:], nil)
}

func xorStr(c *vm.Call) error {
	b, err := XOR(c.CheckString(1), c.CheckString(2))
	return push(c, b, err)
}
