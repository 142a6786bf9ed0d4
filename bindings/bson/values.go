package bson

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// special returns the string that stands for a value that Lua has no type for.
func special(kind byte, content string) string { return "\x00" + string([]byte{kind}) + content }

func pushSpecial(c *vm.Call, kind byte, content string) error {
	return c.Return(c.State().NewString(special(kind, content)))
}

// counters are those of a host.
type counters struct {
	timestamp atomic.Uint32
	objectID  atomic.Uint32
	process   [5]byte // of object ids: tells this process from others
}

type countersKey struct{}

func countersOf(c *vm.Call) *counters {
	return host.ServiceOf(c).Host().Local(countersKey{}, func() any {
		n := &counters{}
		var start [4]byte
		_, _ = rand.Read(n.process[:])
		_, _ = rand.Read(start[:])
		n.objectID.Store(binary.LittleEndian.Uint32(start[:]))
		return n
	}).(*counters)
}

// integer returns an argument without a fraction.
func integer(c *vm.Call, i int) (int64, error) {
	f := c.CheckNumber(i)
	if f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return 0, c.ArgError(i, "number has no integer representation")
	}
	return int64(f), nil
}

func date(c *vm.Call) error {
	seconds, err := integer(c, 1)
	if err != nil {
		return err
	}
	if seconds > math.MaxInt64/1000 || seconds < math.MinInt64/1000 {
		return c.ArgError(1, "too far from 1970")
	}
	return pushSpecial(c, kindDate, string(dateContent(seconds)))
}

// dateContent has 4 bytes, as in skynet, for the years from 1970 to 2106, else 8.
func dateContent(seconds int64) []byte {
	if seconds >= 0 && seconds <= math.MaxUint32 {
		return binary.LittleEndian.AppendUint32(nil, uint32(seconds))
	}
	return binary.LittleEndian.AppendUint64(nil, uint64(seconds))
}

func dateSeconds(content string) (seconds int64, ok bool) {
	switch b := []byte(content); len(b) {
	case 4:
		return int64(binary.LittleEndian.Uint32(b)), true
	case 8:
		return int64(binary.LittleEndian.Uint64(b)), true
	}
	return 0, false
}

func timestamp(c *vm.Call) error {
	seconds, err := integer(c, 1)
	if err != nil {
		return err
	}
	var n uint32
	if c.Arg(2).IsNil() {
		n = countersOf(c).timestamp.Add(1) - 1
	} else {
		given, err := integer(c, 2)
		if err != nil {
			return err
		}
		n = uint32(given)
	}
	b := binary.LittleEndian.AppendUint32(nil, n)
	return pushSpecial(c, kindTimestamp, string(binary.LittleEndian.AppendUint32(b, uint32(seconds))))
}

func regex(c *vm.Call) error {
	pattern, options := c.CheckString(1), c.OptString(2, "")
	for i, s := range []string{pattern, options} {
		if strings.Contains(s, "\x00") {
			return c.ArgError(i+1, "a zero byte")
		}
	}
	return pushSpecial(c, kindRegex, pattern+"\x00"+options+"\x00")
}

func binaryValue(c *vm.Call) error {
	return pushSpecial(c, kindBinary, string([]byte{byte(c.OptInt(2, 0))})+c.CheckString(1))
}

// objectID makes ids of the time, a part that belongs to the process, and a number that counts up.
func objectID(c *vm.Call) error {
	if !c.Arg(1).IsNil() {
		text := c.CheckString(1)
		id, err := hex.DecodeString(text)
		if err != nil || len(id) != 12 {
			return c.Errorf("Invalid objectid %s", text)
		}
		return pushSpecial(c, kindObjectID, string(id))
	}
	n := countersOf(c)
	id := binary.BigEndian.AppendUint32(nil, uint32(time.Now().Unix()))
	id = append(id, n.process[:]...)
	count := n.objectID.Add(1)
	return pushSpecial(c, kindObjectID, string(append(id, byte(count>>16), byte(count>>8), byte(count))))
}

func int64Value(c *vm.Call) error {
	var n int64
	var err error
	if text, ok := c.Arg(1).AsString(); ok {
		if len(text) == 10 && strings.HasPrefix(text, special(kindInt64, "")) {
			return c.ReturnArgs(1)
		}
		if n, err = strconv.ParseInt(text, 10, 64); err != nil {
			return c.ArgError(1, "not an integer of 64 bits")
		}
	} else if n, err = integer(c, 1); err != nil {
		return err
	}
	return pushSpecial(c, kindInt64, string(binary.LittleEndian.AppendUint64(nil, uint64(n))))
}

// kindNames are the names that bson.type has for values that Lua has no type for.
var kindNames = map[byte]string{
	kindBinary: "binary", kindObjectID: "objectid", kindTimestamp: "timestamp", kindDate: "date", kindNull: "null", kindRegex: "regex",
	kindMinKey: "minkey", kindMaxKey: "maxkey", kindInt64: "int64",
}

func typeOf(c *vm.Call) error {
	v := c.Arg(1)
	if text, ok := v.AsString(); ok && len(text) > 1 && text[0] == 0 {
		return typeOfSpecial(c, text[1], text[2:])
	}
	switch v.Kind() {
	case vm.KindNil:
		return c.Return(vm.String("nil"))
	case vm.KindNumber, vm.KindBoolean, vm.KindTable, vm.KindString:
		c.Push(vm.String(v.Kind().String()), v)
		return nil
	}
	return c.Errorf("Invalid type %s", v.Kind())
}

func typeOfSpecial(c *vm.Call, kind byte, content string) error {
	name, known := kindNames[kind]
	if !known {
		c.Push(vm.String("unsupported"), vm.Int(int(kind)), c.State().NewString(content))
		return nil
	}
	if size, ok := sizes[kind]; ok && len(content) != size {
		return c.Errorf("Invalid %s", name)
	}
	values, ok := parts(c, kind, content)
	if !ok {
		return c.Errorf("Invalid %s", name)
	}
	c.Push(append([]vm.Value{vm.String(name)}, values...)...)
	return nil
}

// parts are what a value was made of.
func parts(c *vm.Call, kind byte, content string) (list []vm.Value, ok bool) {
	word := func(i int) vm.Value { return vm.Number(float64(binary.LittleEndian.Uint32([]byte(content[i:])))) }
	text := func(s string) vm.Value { return c.State().NewString(s) }
	switch kind {
	case kindBinary:
		if content == "" {
			return nil, false
		}
		return []vm.Value{text(content[1:]), vm.Int(int(content[0]))}, true
	case kindObjectID:
		return []vm.Value{text(hex.EncodeToString([]byte(content)))}, true
	case kindTimestamp:
		return []vm.Value{word(4), word(0)}, true
	case kindDate:
		seconds, ok := dateSeconds(content)
		return []vm.Value{vm.Number(float64(seconds))}, ok
	case kindRegex:
		list := strings.Split(content, "\x00")
		if len(list) != 3 {
			return nil, false
		}
		return []vm.Value{text(list[0]), text(list[1])}, true
	case kindInt64:
		n := int64(binary.LittleEndian.Uint64([]byte(content)))
		if n >= exact || n <= -exact {
			return []vm.Value{text(strconv.FormatInt(n, 10))}, true
		}
		return []vm.Value{vm.Number(float64(n))}, true
	}
	return nil, true
}
