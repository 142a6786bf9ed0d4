package bson

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Messages have a header of four 32-bit integers, little-endian: size, number, the number that is answered, and the kind. Those
// of kind OP_MSG go on with flags, a byte 0 and a document.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol
const (
	opMsg        = 2013
	headerSize   = 16
	maxMessage   = 48_000_000 // bytes, MongoDB's own limit
	kindBody     = 0
	checksumFlag = 1
)

func (t types) driver() host.Module {
	return module.New("skynet.mongo.driver", "What skynet.db.mongo needs in Go.").
		Func("op_msg(id: integer, flags: integer, document: bson.document) -> message: string", opMessage, "Makes the message of a command.").
		Func("length(size: string) -> bytes: integer", messageLength, "Returns how many bytes of a message follow its first four.").
		Func("reply(message: string) -> ok: boolean, id: integer?, document: bson.document?", t.reply,
			"Returns which message is answered, and the answer.", "message: without its first four bytes", "ok: false for what is no answer").
		Func(`salted(method: "sha1"|"sha256", password: string, salt: string, iterations: integer) -> key: string`, salted,
			"Makes the key of a password (RFC 5802, section 2.2: Hi).").
		Func(`hmac(method: "sha1"|"sha256", key: string, text: string) -> code: string`, code, "Returns the HMAC of a text.").
		Func(`hash(method: "sha1"|"sha256", text: string) -> hash: string`, hashText, "Returns the hash of a text.").
		Module()
}

func opMessage(c *vm.Call) error {
	d, ok := documentOf(c.Arg(3))
	if !ok {
		return c.TypeError(3, "document")
	}
	size := headerSize + 5 + len(d.bytes)
	if size > maxMessage {
		return c.Errorf("mongo: a command of %d bytes is too large, the limit is %d", size, maxMessage)
	}
	b := make([]byte, 0, size)
	for _, n := range []int{size, c.CheckInt(1), 0, opMsg, c.CheckInt(2)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(append(b, kindBody), d.bytes...)
	return c.Return(c.State().NewString(string(b)))
}

func messageLength(size string) (int, error) {
	if len(size) != 4 {
		return 0, module.ArgError(1, "want 4 bytes")
	}
	n := int(int32(binary.LittleEndian.Uint32([]byte(size))))
	if n < headerSize || n > maxMessage {
		return 0, fmt.Errorf("mongo: a message of %d bytes", n)
	}
	return n - 4, nil
}

func (t types) reply(c *vm.Call) error {
	b := []byte(c.CheckString(1))
	if len(b) < headerSize+1 || binary.LittleEndian.Uint32(b[8:]) != opMsg || b[headerSize] != kindBody {
		return c.Return(vm.Bool(false))
	}
	flags, body := binary.LittleEndian.Uint32(b[12:]), b[headerSize+1:]
	if flags&checksumFlag != 0 && len(body) >= 4 {
		body = body[:len(body)-4]
	}
	if len(body) < 5 || int(binary.LittleEndian.Uint32(body)) != len(body) {
		return c.Return(vm.Bool(false))
	}
	v, err := t.documents.Value(c.State(), &document{bytes: body})
	if err != nil {
		return err
	}
	c.Push(vm.Bool(true), vm.Int(int(int32(binary.LittleEndian.Uint32(b[4:])))), v)
	return nil
}

func hashOf(method string) (func() hash.Hash, error) {
	switch method {
	case "sha1":
		return sha1.New, nil
	case "sha256":
		return sha256.New, nil
	}
	return nil, module.ArgError(1, "want sha1 or sha256")
}

func salted(method, password, salt string, iterations int) (string, error) {
	h, err := hashOf(method)
	if err != nil {
		return "", err
	}
	if iterations < 1 || iterations > 1_000_000 {
		return "", module.ArgError(4, "want 1 to 1000000 iterations")
	}
	key, err := pbkdf2.Key(h, password, []byte(salt), iterations, h().Size())
	return string(key), err
}

func code(method, key, text string) (string, error) {
	h, err := hashOf(method)
	if err != nil {
		return "", err
	}
	m := hmac.New(h, []byte(key))
	m.Write([]byte(text))
	return string(m.Sum(nil)), nil
}

func hashText(method, text string) (string, error) {
	h, err := hashOf(method)
	if err != nil {
		return "", err
	}
	sum := h()
	sum.Write([]byte(text))
	return string(sum.Sum(nil)), nil
}
