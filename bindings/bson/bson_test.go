package bson_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	luabson "github.com/luahost/luahost/bindings/bson"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
)

func newHost(t testing.TB) *hosttest.Host {
	h := hosttest.New(t, host.WithModule(luabson.Modules()...))
	h.Eval(`bson = require "bson" driver = require "skynet.mongo.driver"`)
	return h
}

var someID = bson.ObjectID{0x65, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255}

// values are of every type, in Lua and as MongoDB's own library has them.
var values = []struct {
	lua  string
	want any
	kind string // what bson.type tells of the value once it has been decoded, and of what it is made
}{
	{`1`, int32(1), "number 1"},
	{`-2^31`, int32(math.MinInt32), "number -2147483648"},
	{`2^31`, int64(1 << 31), "number 2147483648"},
	{`2^53 - 1`, int64(1<<53 - 1), "number 9007199254740991"},
	{`2^53`, float64(1 << 53), "number 9007199254740992"},
	{`1.5`, 1.5, "number 1.5"},
	{`-0.0 * 1`, math.Copysign(0, -1), "number -0"},
	{`1 / 0`, math.Inf(1), "number inf"},
	{`true`, true, "boolean true"},
	{`false`, false, "boolean false"},
	{`"text"`, "text", "string text"},
	{`""`, "", "string "},
	{`"\0"`, "\x00", "string \x00"},
	{`bson.null`, nil, "null"},
	{`bson.minkey`, bson.MinKey{}, "minkey"},
	{`bson.maxkey`, bson.MaxKey{}, "maxkey"},
	{`bson.date(1700000000)`, bson.NewDateTimeFromTime(time.Unix(1700000000, 0)), "date 1700000000"},
	{`bson.date(-1)`, bson.NewDateTimeFromTime(time.Unix(-1, 0)), "date -1"},
	{`bson.date(2^33)`, bson.NewDateTimeFromTime(time.Unix(1<<33, 0)), "date 8589934592"},
	{`bson.timestamp(1700000000, 7)`, bson.Timestamp{T: 1700000000, I: 7}, "timestamp 1700000000 7"},
	{`bson.regex("^a.*", "im")`, bson.Regex{Pattern: "^a.*", Options: "im"}, "regex ^a.* im"},
	{`bson.regex "x"`, bson.Regex{Pattern: "x"}, "regex x "},
	{`bson.binary "a\0b"`, bson.Binary{Data: []byte("a\x00b")}, "binary a\x00b 0"},
	{`bson.binary("u", 4)`, bson.Binary{Subtype: 4, Data: []byte("u")}, "binary u 4"},
	{`bson.binary ""`, bson.Binary{}, "binary  0"},
	{`bson.objectid "650102030405060708090aff"`, someID, "objectid 650102030405060708090aff"},
	{`bson.int64(5)`, int64(5), "number 5"},
	{`bson.int64 "9223372036854775807"`, int64(math.MaxInt64), "int64 9223372036854775807"},
	{`bson.int64(bson.int64 "-9223372036854775808")`, int64(math.MinInt64), "int64 -9223372036854775808"},
	{`{}`, bson.D{}, "table"},
	{`{ 1, "two", { 3 } }`, bson.A{int32(1), "two", bson.A{int32(3)}}, "table"},
	{`{ a = { b = { 1 } } }`, bson.D{{Key: "a", Value: bson.D{{Key: "b", Value: bson.A{int32(1)}}}}}, "table"},
	{`{ [3] = "x" }`, bson.D{{Key: "3", Value: "x"}}, "table"},
	{`setmetatable({}, { __len = function() return 2 end, __index = function(_, i) return i * 10 end })`, bson.A{int32(10), int32(20)}, "table"},
	{`setmetatable({}, { __pairs = function() return next, { z = 1 }, nil end })`, bson.D{{Key: "z", Value: int32(1)}}, "table"},
	{`bson.encode_order("b", 1, "a", 2)`, bson.D{{Key: "b", Value: int32(1)}, {Key: "a", Value: int32(2)}}, "table"},
}

// MongoDB's own library makes the same bytes; they come back as what they were, and go out again as the same bytes.
func TestValues(t *testing.T) {
	h := newHost(t)
	for _, v := range values {
		want, err := bson.Marshal(bson.D{{Key: "value", Value: v.want}})
		if err != nil {
			t.Fatalf("%s: %v", v.lua, err)
		}
		got := h.Eval(`return tostring(bson.encode_order("value", ` + v.lua + `)), tostring(bson.encode { value = ` + v.lua + ` })`)
		if got[0] != string(want) || got[1] != string(want) {
			t.Errorf("%s: % x and % x, want % x", v.lua, got[0], got[1], want)
		}
		again := h.Eval(fmt.Sprintf(`local t = bson.decode(%s)
			local list = table.pack(bson.type(t.value))
			for i = 1, list.n do list[i] = tostring(list[i]) end
			return tostring(bson.encode_order("value", t.value)), list[1] == "table" and "table" or table.concat(list, " ")`, quote(want)))
		ordered := strings.Contains(v.lua, "encode_order")
		if !ordered && !strings.Contains(v.lua, "int64(5)") && again[0] != string(want) { // a small integer is one of 4 bytes when it goes out again
			t.Errorf("%s again: % x, want % x", v.lua, again[0], want)
		}
		if again[1] != v.kind {
			t.Errorf("%s is %q, want %q", v.lua, again[1], v.kind)
		}
	}
}

// Values that scripts can't make come through unchanged.
func TestForeignValues(t *testing.T) {
	h := newHost(t)
	decimal, err := bson.ParseDecimal128("1.25")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{decimal, bson.JavaScript("f()"), bson.Symbol("s"), bson.Undefined{}, bson.DBPointer{DB: "db", Pointer: someID},
		bson.CodeWithScope{Code: "g()", Scope: bson.D{{Key: "x", Value: int32(1)}}}} {
		want, err := bson.Marshal(bson.D{{Key: "value", Value: v}})
		if err != nil {
			t.Fatal(err)
		}
		got := h.Eval(`local t = bson.decode(` + quote(want) + `) return tostring(bson.encode(t)), (bson.type(t.value))`)
		if got[0] != string(want) || got[1] != "unsupported" {
			t.Errorf("%T: % x %s, want % x", v, got[0], got[1], want)
		}
	}
}

// quote writes bytes as a string of Lua.
func quote(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		fmt.Fprintf(&s, `\x%02x`, c)
	}
	return `"` + s.String() + `"`
}

func TestObjectIDs(t *testing.T) {
	h := newHost(t)
	h.Expect(`local a, b = select(2, bson.type(bson.objectid())), select(2, bson.type(bson.objectid()))
		return #a, a == b, a:sub(9, 18) == b:sub(9, 18), math.abs(tonumber(a:sub(1, 8), 16) - os.time()) < 60,
			(tonumber(b:sub(19), 16) - tonumber(a:sub(19), 16)) % 2^24`, 24, false, true, true, 1)
	h.Expect(`local _, s, a = bson.type(bson.timestamp(5)) local _, _, b = bson.type(bson.timestamp(5)) return s, b - a`, 5, 1)
}

func TestDocument(t *testing.T) {
	h := newHost(t)
	h.Eval(`doc = bson.encode { a = 1, b = true, d = 1.5, h = bson.date(1), i = bson.timestamp(1, 1), j = bson.objectid(), l = 2^40, s = "text", t = {} }
		function put(key, value) doc[key] = value return doc:decode()[key] end`)
	h.ExpectError(`doc.a = 2`, "call makeindex first")
	h.Expect(`return doc:makeindex() == doc, #doc == #tostring(doc)`, true, true)
	h.Expect(`return put("a", -5), put("b", false), put("d", 2), put("h", bson.date(9)) == bson.date(9), put("i", bson.timestamp(3, 4)) == bson.timestamp(3, 4), put("l", 7)`,
		-5, false, 2, true, true, 7)
	h.Expect(`local id = bson.objectid() return put("j", id) == id`, true)
	for source, text := range map[string]string{
		`doc.nothing = 1`:           "Can't replace key : nothing",
		`doc.s = "other"`:           "Can't replace type 2",
		`doc.a = 2^31`:              "2147483648 must be a 32bit integer",
		`doc.a = 1.5`:               "1.5 must be a 32bit integer",
		`doc.l = 0.5`:               "number has no integer representation",
		`doc.h = bson.objectid()`:   "need a value of bson type 9",
		`doc.h = bson.date(2^33)`:   "",
		`doc.d = "x"`:               "number expected, got string",
		`return doc.nothing.at.all`: "attempt to index field 'nothing' (a nil value)",
	} {
		if text != "" {
			h.ExpectError(source, text)
		} else {
			h.Eval(source)
		}
	}
	h.Expect(`return bson.decode(nil) == nil, bson.decode(bson.encode {}) ~= nil`, true, true)
}

func TestEncodeErrors(t *testing.T) {
	h := newHost(t)
	for source, text := range map[string]string{
		`bson.encode { 1, print }`: "Invalid value type : function",
		`bson.encode { a = setmetatable({}, { __len = function() return 2 end }) }`:   "Bson array has a hole (nil), Use bson.null instead",
		`bson.encode { a = setmetatable({}, { __len = function() return "x" end }) }`: "__len should return integer",
		`bson.encode { [true] = 1 }`:           "Bson dictionary's key can't be boolean",
		`bson.encode { ["a\0b"] = 1 }`:         `the key "a\x00b" has a zero byte`,
		`bson.encode { a = "\0A" }`:            "Invalid subtype 65",
		`bson.encode { a = "\0\7short" }`:      "Invalid object id short",
		`bson.encode { a = "\0\9xyz" }`:        "Invalid date",
		`bson.encode { a = "\0\11xyz" }`:       "Invalid regex",
		`bson.encode { a = "\0\18xyz" }`:       "Invalid int64",
		`bson.encode { a = "\0\5" }`:           "Invalid binary",
		`bson.encode { a = io.stdout }`:        "Invalid value type : userdata",
		`local t = {} t.t = t bson.encode(t)`:  "Too depth while encoding bson",
		`local t = {} t[1] = t bson.encode(t)`: "Too depth while encoding bson",
		`bson.encode_order("a")`:               "Invalid ordered dict",
		`bson.encode_order("a", 1, {}, 2)`:     "Argument 3 need a string",
		`bson.encode_order("a", nil)`:          "Invalid value type : nil",
		`bson.encode(5)`:                       "table expected, got number",
		`bson.objectid "xyz"`:                  "Invalid objectid xyz",
		`bson.date(1.5)`:                       "number has no integer representation",
		`bson.date(2^60)`:                      "too far from 1970",
		`bson.int64(2^63)`:                     "number has no integer representation",
		`bson.int64 "x"`:                       "not an integer of 64 bits",
		`bson.regex "a\0"`:                     "a zero byte",
		`bson.type(print)`:                     "Invalid type function",
		`bson.type "\0\7x"`:                    "Invalid objectid",
		`bson.decode(5)`:                       "document expected, got number",
		`bson.encode(setmetatable({}, { __pairs = function() return function() error "in pairs" end end }))`: "in pairs",
	} {
		h.ExpectError(source, text)
	}
}

func TestDecodeErrors(t *testing.T) {
	h := newHost(t)
	deep := []byte{5, 0, 0, 0, 0}
	for range 200 {
		b, err := bson.Marshal(bson.D{{Key: "a", Value: bson.Raw(deep)}})
		if err != nil {
			t.Fatal(err)
		}
		deep = b
	}
	for bytes, text := range map[string]string{
		"":                              "cut off",
		"\x05\x00\x00\x00":              "cut off",
		"\xff\xff\xff\xff\x00":          "cut off",
		"\x05\x00\x00\x00\x01":          "Invalid document end",
		"\x08\x00\x00\x00\x10a\x00\x00": "cut off, in the field a",
		"\x08\x00\x00\x00\x44a\x00\x00": "Invalid bson type : 68, in the field a",
		"\x07\x00\x00\x00\x0aa\x00":     "cut off",
		"\x0c\x00\x00\x00\x02a\x00\x00\x00\x00\x00\x00": "Invalid bson string , length = 0, in the field a",
		"\x0c\x00\x00\x00\x0fa\x00\x00\x00\x00\x00\x00": "cut off",
		string(deep): "documents are more than 128 deep in each other",
	} {
		h.ExpectError(`bson.decode(`+quote([]byte(bytes))+`)`, text)
	}
}

// Whatever comes from the network is an error or a table that can be encoded.
func FuzzDecode(f *testing.F) {
	for _, v := range values {
		b, err := bson.Marshal(bson.D{{Key: "value", Value: v.want}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	h := newHost(f)
	h.Eval(`function check(b)
		local ok, t = pcall(bson.decode, b)
		if ok then
			local first = bson.encode(t)
			assert(#bson.encode(first:decode()) == #first)
		end
	end`)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := h.Go(`check(` + quote(b) + `)`).Wait(); err != nil {
			t.Errorf("% x: %v", b, err)
		}
	})
}

func TestDriver(t *testing.T) {
	h := newHost(t)
	h.Expect(`local message = driver.op_msg(7, 2, bson.encode { a = 1 }) return message`,
		"\x21\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00\x00\x02\x00\x00\x00\x00\x0c\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x00")
	h.Expect(`return driver.length "\x21\0\0\0"`, 29)
	h.Expect(`local ok, id, doc = driver.reply("\1\0\0\0" .. "\7\0\0\0" .. "\xdd\7\0\0" .. "\0\0\0\0" .. "\0" .. "\x0c\0\0\0\x10a\0\1\0\0\0\0")
		return ok, id, doc:decode().a`, true, 7, 1)
	h.Expect(`local ok, id, doc = driver.reply("\1\0\0\0" .. "\7\0\0\0" .. "\xdd\7\0\0" .. "\1\0\0\0" .. "\0" .. "\x0c\0\0\0\x10a\0\1\0\0\0\0" .. "csum")
		return ok, id, doc:decode().a`, true, 7, 1)
	h.Expect(`return driver.reply "short", driver.reply(("x"):rep(40))`, false, false)
	h.ExpectError(`driver.length "\0\0\0\0"`, "a message of 0 bytes")
	h.ExpectError(`driver.length "\0"`, "want 4 bytes")
	h.ExpectError(`driver.op_msg(1, 0, {})`, "document expected, got table")
	h.ExpectError(`driver.hash("md5", "")`, "want sha1 or sha256")
	// RFC 5802, section 5: what the key of its example is.
	h.Expect(`local crypt = driver.salted("sha1", "pencil", "\x41\x25\xc2\x47\xe4\x3a\xb1\xe9\x3c\x6d\xff\x76", 4096) return (crypt:gsub(".", function(c) return ("%02x"):format(c:byte()) end))`,
		"1d96ee3a529b5a5f9e47c01f229a2cb8a6e15f7d")
}
