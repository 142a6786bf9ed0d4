// Package mysqlaux implements skynet.mysqlaux.c, what skynet.db.mysql needs in Go: texts quoted for SQL, passwords as they are
// sent, and integers that Lua's numbers may not hold.
package mysqlaux

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"hash"
	"strconv"
	"strings"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
)

// Modules returns the module.
func Modules() []host.Module {
	return module.New("skynet.mysqlaux.c", "What skynet.db.mysql needs in Go.").
		Func("quote_sql_str(text) -> quoted", quote, "Quotes a text for SQL.").
		Func("native_password(password, nonce) -> proof", nativePassword, "Answers the server's nonce by the method mysql_native_password.").
		Func("sha2_password(password, nonce) -> proof", sha2Password, "Answers the server's nonce by the method caching_sha2_password.").
		Func("encrypt_password(password, nonce, key) -> encrypted", encryptPassword, "Encrypts a password for the server.", "key: the server's, in PEM").
		Func("integer(bytes, unsigned) -> value: number|string", integer,
			"Reads an integer of 8 bytes, little-endian: a number, or its digits where a number would not be exact.").
		Modules()
}

var escapes = strings.NewReplacer("\x00", `\0`, "\n", `\n`, "\r", `\r`, "\b", `\b`, "\t", `\t`, "\x1a", `\Z`, `\`, `\\`, "'", `\'`, `"`, `\"`)

func quote(text string) string { return "'" + escapes.Replace(text) + "'" }

// nativePassword is SHA1(password) xor SHA1(nonce, SHA1(SHA1(password))).
func nativePassword(password, nonce string) string {
	if password == "" {
		return ""
	}
	once := sum(sha1.New(), password)
	return xor(once, sum(sha1.New(), nonce, sum(sha1.New(), once)))
}

// sha2Password is SHA256(password) xor SHA256(SHA256(SHA256(password)), nonce).
func sha2Password(password, nonce string) string {
	if password == "" {
		return ""
	}
	once := sum(sha256.New(), password)
	return xor(once, sum(sha256.New(), sum(sha256.New(), once), nonce))
}

func sum(h hash.Hash, parts ...string) string {
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return string(h.Sum(nil))
}

// xor repeats b where it is shorter than a.
func xor(a, b string) string {
	out := []byte(a)
	for len(out) > 0 && len(b) < len(out) {
		b += b
	}
	subtle.XORBytes(out, out, []byte(b[:len(out)]))
	return string(out)
}

func encryptPassword(password, nonce, key string) (string, error) {
	if nonce == "" {
		return "", module.ArgError(2, "no nonce")
	}
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return "", errors.New("the server's key is not PEM")
	}
	k, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return "", err
	}
	public, ok := k.(*rsa.PublicKey)
	if !ok {
		return "", errors.New("the server's key is not an RSA key")
	}
	out, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, public, []byte(xor(password+"\x00", nonce)), nil)
	return string(out), err
}

// exact is the first integer that a Lua number can't tell from its successor.
const exact = 1 << 53

func integer(b string, unsigned bool) (any, error) {
	if len(b) != 8 {
		return nil, module.ArgError(1, "want 8 bytes")
	}
	u := binary.LittleEndian.Uint64([]byte(b))
	switch n := int64(u); {
	case unsigned && u >= exact:
		return strconv.FormatUint(u, 10), nil
	case !unsigned && (n >= exact || n <= -exact):
		return strconv.FormatInt(n, 10), nil
	case unsigned:
		return float64(u), nil
	default:
		return float64(n), nil
	}
}
