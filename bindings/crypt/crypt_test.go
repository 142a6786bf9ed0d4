package crypt

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"math/bits"
	"strings"
	"testing"
	"testing/quick"
)

func unhex(t *testing.T, s string) string {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestDES uses the worked example of the DES literature, and the paddings' definitions.
func TestDES(t *testing.T) {
	key := unhex(t, "133457799bbcdff1")
	text := unhex(t, "0123456789abcdef")
	for _, padding := range []int{PaddingISO7816, PaddingPKCS7} {
		out, err := DESEncode(key, text, padding)
		if err != nil || len(out) != 16 || hex.EncodeToString(out[:8]) != "85e813540f0ab405" {
			t.Errorf("padding %d: got %x, %v", padding, out, err)
		}
		for n := range 20 {
			plain := strings.Repeat("x", n)
			out, err := DESEncode(key, plain, padding)
			if err != nil || len(out) != (n/8+1)*8 {
				t.Fatalf("%d bytes: %x, %v", n, out, err)
			}
			back, err := DESDecode(key, string(out), padding)
			if err != nil || string(back) != plain {
				t.Fatalf("%d bytes came back as %q, %v", n, back, err)
			}
		}
	}
}

func TestDESErrors(t *testing.T) {
	key := "12345678"
	tests := []struct {
		name, key, text string
		padding         int
		want            string
	}{
		{"short key", "1234567", "", 0, "Invalid key size 7, need 8 bytes"},
		{"empty", key, "", 0, "Invalid des crypt text length 0"},
		{"odd length", key, "123456789", 0, "Invalid des crypt text length 9"},
		{"wrong padding", key, "12121212", 0, "Invalid des crypt text"},
		{"wrong padding", key, "12121212", 1, "Invalid des crypt text"},
		{"unknown padding", key, "12121212", 7, "Invalid padding mode 7"},
	}
	for _, tt := range tests {
		if _, err := DESDecode(tt.key, tt.text, tt.padding); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
	if _, err := DESEncode(key, "", 2); err == nil {
		t.Error("an unknown padding was taken")
	}
}

// TestHashKey spells the two hash functions out for a text of one byte.
func TestHashKey(t *testing.T) {
	got := HashKey("a")
	djb := uint32(5381*33 + 'a')
	js := uint32(1315423911)
	js ^= js<<5 + 'a' + js>>2
	if binary.LittleEndian.Uint32(got[:4]) != djb || binary.LittleEndian.Uint32(got[4:]) != js {
		t.Errorf("got %x", got)
	}
	if got := HashKey(""); hex.EncodeToString(got[:]) != "05150000a7c6674e" {
		t.Errorf("of nothing: %x", got)
	}
}

// md5Rounds is MD5's compression function as RFC 1321 states it, without the last addition.
func md5Rounds(w [16]uint32) [4]uint32 {
	shifts := [4][4]int{{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}
	a, b, c, d := uint32(0x67452301), uint32(0xefcdab89), uint32(0x98badcfe), uint32(0x10325476)
	for i := range 64 {
		var f uint32
		g := i
		switch i / 16 {
		case 0:
			f = b&c | ^b&d
		case 1:
			f, g = d&b|^d&c, (5*i+1)%16
		case 2:
			f, g = b^c^d, (3*i+5)%16
		case 3:
			f, g = c^(b|^d), 7*i%16
		}
		k := uint32(math.Floor(math.Abs(math.Sin(float64(i+1))) * (1 << 32)))
		a, d, c, b = d, c, b, b+bits.RotateLeft32(a+f+k+w[g], shifts[i/16][i%4])
	}
	return [4]uint32{a, b, c, d}
}

func words(b [8]byte) (lo, hi uint32) {
	return binary.LittleEndian.Uint32(b[:]), binary.LittleEndian.Uint32(b[4:])
}

func TestHMAC64(t *testing.T) {
	check := func(x, y [8]byte) bool {
		x0, x1 := words(x)
		y0, y1 := words(y)
		var w [16]uint32
		for i := 0; i < 16; i += 4 {
			w[i], w[i+1], w[i+2], w[i+3] = x1, x0, y1, y0
		}
		r := md5Rounds(w)
		lo, hi := words(HMAC64(x, y))
		return lo == r[2]^r[3] && hi == r[0]^r[1]
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

func TestHMAC64MD5(t *testing.T) {
	check := func(x, y [8]byte) bool {
		x0, x1 := words(x)
		y0, y1 := words(y)
		w := [16]uint32{x0, x1, y0, y1, x0, x1, y0, y1, x0, x1, y0, y1, 0x80, 0, 384, 0}
		r := md5Rounds(w)
		lo, hi := words(HMAC64MD5(x, y))
		return lo == (r[0]+0x67452301)^(r[2]+0x98badcfe) && hi == (r[1]+0xefcdab89)^(r[3]+0x10325476)
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

func TestHMACHash(t *testing.T) {
	key := [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
	if got, want := HMACHash(key, "text"), HMAC64(HashKey("text"), key); got != want {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestDiffieHellman(t *testing.T) {
	prime := new(big.Int).SetUint64(dhPrime)
	power := func(base, exponent uint64) uint64 {
		b, e := new(big.Int).SetUint64(base), new(big.Int).SetUint64(exponent)
		return b.Exp(b, e, prime).Uint64()
	}
	check := func(a, b uint64) bool {
		if a == 0 || b == 0 {
			return true
		}
		sentA, _ := DHExchange(dhBytes(a))
		sentB, _ := DHExchange(dhBytes(b))
		atA, _ := DHSecret(sentB, dhBytes(a))
		atB, _ := DHSecret(sentA, dhBytes(b))
		return sentA == dhBytes(power(5, a)) && atA == dhBytes(power(power(5, b), a)) && atA == atB
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
	if _, err := DHExchange([8]byte{}); err == nil {
		t.Error("0 was taken for a secret")
	}
	if _, err := DHSecret([8]byte{1}, [8]byte{}); err == nil {
		t.Error("0 was taken from the other side")
	}
}

func TestRandomKey(t *testing.T) {
	seen := map[[8]byte]bool{}
	for range 1000 {
		key := RandomKey()
		sum := byte(0)
		for _, b := range key {
			sum ^= b
		}
		if seen[key] || sum == 0 {
			t.Fatalf("bad key %x", key)
		}
		seen[key] = true
	}
}

func TestBase64Decode(t *testing.T) {
	tests := []struct {
		text, want string
		ok         bool
	}{
		{"", "", true},
		{"Zg==", "f", true},
		{"Zm8=", "fo", true},
		{"Zm9v", "foo", true},
		{"Zm9vYmFy", "foobar", true},
		{"Zm\n9v", "foo", true},
		{"Zg==Zg==", "ff", true},
		{"Zm9vZg==Zm9v", "foofoo"[:3] + "ffoo", true},
		{"Zm9v\n", "", false},
		{"Zm9", "", false},
		{"Z", "", false},
		{"====", "", false},
		{"Z===", "", false},
		{"Z=m9", "", false},
		{"Zh==", "", false},
		{"Zm9=", "", false},
	}
	for _, tt := range tests {
		got, err := Base64Decode(tt.text)
		if (err == nil) != tt.ok || string(got) != tt.want {
			t.Errorf("%q: got %q, %v", tt.text, got, err)
		}
	}
}

func TestHexDecode(t *testing.T) {
	if b, err := HexDecode("00fFAb"); err != nil || !bytes.Equal(b, []byte{0, 0xff, 0xab}) {
		t.Errorf("got %x, %v", b, err)
	}
	for text, want := range map[string]string{"abc": "Invalid hex text size 3", "0g": "Invalid hex text"} {
		if _, err := HexDecode(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestHMACSHA1 is the second test case of RFC 2202, section 3.
func TestHMACSHA1(t *testing.T) {
	got := hex.EncodeToString(HMACSHA1("Jefe", "what do ya want for nothing?"))
	if got != "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" {
		t.Errorf("got %s", got)
	}
}

func TestXOR(t *testing.T) {
	if b, err := XOR("abcde", "\x01\x02"); err != nil || string(b) != "``bfd" {
		t.Errorf("got %q, %v", b, err)
	}
	if _, err := XOR("a", ""); err == nil {
		t.Error("an empty key was taken")
	}
}
