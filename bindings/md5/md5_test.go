package md5

import (
	"crypto/md5"
	"strings"
	"testing"
)

// TestCrypt checks the first block against its definition, and that every length comes back.
func TestCrypt(t *testing.T) {
	out, err := Crypt("hello", "key", "seed")
	if err != nil || string(out[:5]) != "\x04seed" {
		t.Fatalf("got %q, %v", out, err)
	}
	code := md5.Sum([]byte("seed" + strings.Repeat("\x00", 12) + "key"))
	for i, c := range []byte("hello") {
		if out[5+i] != c^code[i] {
			t.Errorf("byte %d is %x", i, out[5+i])
		}
	}
	for _, seed := range []string{"", "short", strings.Repeat("s", 16), strings.Repeat("long", 20)} {
		for n := range 50 {
			text := strings.Repeat("t", n)
			out, err := Crypt(text, "k", seed)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := Decrypt(string(out), "k"); err != nil || string(back) != text {
				t.Fatalf("%d bytes with seed %q came back as %q, %v", n, seed, back, err)
			}
		}
	}
}

func TestCryptErrors(t *testing.T) {
	if _, err := Crypt("", strings.Repeat("k", 257), ""); err == nil {
		t.Error("a key of 257 bytes was taken")
	}
	if _, err := Crypt("", "k", strings.Repeat("s", 256)); err == nil {
		t.Error("a seed of 256 bytes was taken")
	}
	for _, text := range []string{"", "\x05seed"} {
		if _, err := Decrypt(text, "k"); err == nil {
			t.Errorf("%q was decrypted", text)
		}
	}
}
