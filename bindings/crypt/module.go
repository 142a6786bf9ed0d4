package crypt

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under the names that scripts know: skynet.crypt, crypt and client.crypt.
func Modules() []host.Module {
	return newModule().
		OnOpen(func(s *host.Service, t *vm.Table) error {
			addPadding(s.State(), t)
			return nil
		}).
		Modules("crypt", "client.crypt")
}

// Open makes the module's table in a state that needs no service around it.
func Open(s *vm.State) vm.Value {
	t := newModule().Table(s)
	addPadding(s, t)
	return t.Value()
}

func addPadding(s *vm.State, t *vm.Table) {
	padding := s.NewTable(0, 2)
	padding.SetString("iso7816_4", vm.Int(PaddingISO7816))
	padding.SetString("pkcs7", vm.Int(PaddingPKCS7))
	t.SetString("padding", padding.Value())
}

func newModule() *module.Module {
	return module.New("skynet.crypt", "Hashes, ciphers and text codings, as skynet's login servers and clients use them. DES, MD5, SHA-1 and the 64-bit key exchange are there for these programs: none of it is safe against attacks. Keys of 64 bits are strings of 8 bytes.").
		Func("hashkey(text: string) -> key: string", func(c *vm.Call) error {
			key := HashKey(c.CheckString(1))
			return push(c, key[:], nil)
		}, "Returns a key of 8 bytes for a text.").
		Func("randomkey() -> key: string", func(c *vm.Call) error {
			key := RandomKey()
			return push(c, key[:], nil)
		}, "Returns a random key of 8 bytes.").
		Func("desencode(key: string, text: string, padding?: integer) -> cipher: string", desEncode, "Encrypts a text with DES in ECB mode.",
			"padding: of crypt.padding, iso7816_4 when it is absent").
		Func("desdecode(key: string, cipher: string, padding?: integer) -> text: string", desDecode, "Is the inverse of desencode.").
		Func("hexencode(text: string) -> hex: string", hexEncode, "Returns the bytes of a text in hexadecimal digits.").
		Func("hexdecode(hex: string) -> text: string", hexDecode, "Is the inverse of hexencode.").
		Func("hmac64(x: string, y: string) -> mac: string", func(c *vm.Call) error { return combine(c, "Invalid uint64 x", HMAC64) },
			"Returns skynet's 8 byte HMAC of two keys.").
		Func("hmac64_md5(x: string, y: string) -> mac: string", func(c *vm.Call) error { return combine(c, "Invalid uint64 x", HMAC64MD5) },
			"Returns the 8 byte HMAC of two keys with all rounds of MD5.").
		Func("dhexchange(x: string) -> public: string", dhExchange, "Returns the public part of a Diffie-Hellman key.").
		Func("dhsecret(x: string, y: string) -> secret: string", dhSecret, "Returns the secret of one's own key and the other's public part.").
		Func("base64encode(text: string) -> base64: string", base64Encode, "Encodes base64 (RFC 4648, section 4).").
		Func("base64decode(base64: string) -> text: string", base64Decode, "Is the inverse of base64encode.").
		Func("sha1(text: string) -> sum: string", func(c *vm.Call) error {
			sum := sha1.Sum(vm.StringBytes(c.CheckString(1)))
			return push(c, sum[:], nil)
		}, "Returns the 20 bytes of the sum.").
		Func("hmac_sha1(key: string, text: string) -> mac: string", func(c *vm.Call) error {
			return push(c, HMACSHA1(c.CheckString(1), c.CheckString(2)), nil)
		}, "Returns the 20 bytes of the HMAC (RFC 2104).").
		Func("hmac_hash(key: string, text: string) -> mac: string", hmacHash, "Returns the 8 byte HMAC of a key and the hash of a text.").
		Func("xor_str(text: string, key: string) -> text: string", xorStr, "Combines a text and a key, again and again, by exclusive or.").
		Field("padding", "table<string, integer>", "what fills the last block: iso7816_4, pkcs7")
}

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
