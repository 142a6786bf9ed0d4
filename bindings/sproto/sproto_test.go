package sproto

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

const people = `
.Person {
	name 0 : string
	age 1 : integer
	marital 2 : boolean
	children 3 : *Person
}
.Data {
	numbers 0 : *integer
	bools 1 : *boolean
	number 2 : integer
	bignumber 3 : integer
	double 4 : double
	doubles 5 : *double
	fpn 6 : integer(2)
	map 7 : *Pair()
	byname 8 : *Person(name)
	.Pair { key 0 : string value 1 : integer }
	raw 20 : binary
}
.package { type 0 : integer session 1 : integer }
get 1 { request { what 0 : string } response { result 0 : string } }
quit 2 {}
confirm 3 { response nil }
`

// run runs Lua code with the schema people.
func run(t *testing.T, code string) {
	t.Helper()
	state := vm.NewState(vm.Options{})
	lib.New(lib.Options{}).Open(state)
	for name, open := range Openers() {
		state.Globals().SetString(strings.ReplaceAll(name, ".", "_"), open(state))
	}
	state.Globals().SetString("schema", vm.String(people))
	state.Globals().SetString("hex", vm.Function("hex", func(c *vm.Call) error {
		return c.Return(vm.String(hex.EncodeToString([]byte(c.CheckString(1)))))
	}))
	f, err := state.Load(`
		local core = sproto_core
		local sp = core.newproto(sprotoparser.parse(schema))
		local function encode(name, t) return core.encode(core.querytype(sp, name), t) end
		local function decode(name, s) return (core.decode(core.querytype(sp, name), s)) end
	`+code, "=test", "t", state.Globals().Value())
	if err == nil {
		_, err = state.Main().Call(f)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestWire has the examples of sproto's own description of its wire format.
func TestWire(t *testing.T) {
	run(t, `
		local function is(name, t, want)
			local got = hex(encode(name, t))
			assert(got == want:gsub("%s", ""), got)
		end
		is("Person", { name = "Alice", age = 13, marital = false }, "0300 0000 1c00 0200 05000000 416c696365")
		is("Person", { name = "Bob", age = 40, children = { { name = "Alice", age = 13 }, { name = "Carol", age = 5 } } },
			"0400 0000 5200 0100 0000 03000000 426f62 26000000"
			.. "0f000000 0200 0000 1c00 05000000 416c696365 0f000000 0200 0000 0c00 05000000 4361726f6c")
		is("Data", { numbers = { 1, 2, 3, 4, 5 } }, "0100 0000 15000000 04 01000000 02000000 03000000 04000000 05000000")
		is("Data", { numbers = { 2^32 + 1, 2^32 + 2, 2^32 + 3 } },
			"0100 0000 19000000 08 0100000001000000 0200000001000000 0300000001000000")
		is("Data", { bools = { false, true, false } }, "0200 0100 0000 03000000 000100")
		is("Data", { number = 100000, bignumber = -10000000000 },
			"0300 0300 0000 0000 04000000 a0860100 08000000 001cf4abfdffffff")
		is("Data", { fpn = 1.82 }, "0200 0b00 6e01")
		is("Data", { double = 0.01171875, doubles = { 0.01171875, 23, 4 } },
			"0300 0700 0000 0000 08000000 000000000000883f 19000000 08 000000000000883f 0000000000003740 0000000000001040")
	`)
}

func TestRoundTrip(t *testing.T) {
	run(t, `
		local d = decode("Data", encode("Data", {
			numbers = { -1, 0, 32766, 32767, 2^31, -2^31 - 1 }, bools = {}, number = -5, bignumber = 2^52, double = 0.5,
			fpn = -3.14, map = { a = 1, b = 2 }, byname = { { name = "x", age = 1 }, { name = "y", marital = true } }, raw = "\0\255",
		}))
		assert(table.concat(d.numbers, " ") == "-1 0 32766 32767 2147483648 -2147483649")
		assert(#d.bools == 0 and d.number == -5 and d.bignumber == 2^52 and d.double == 0.5 and d.fpn == -3.14)
		assert(d.map.a == 1 and d.map.b == 2 and d.byname.x.age == 1 and d.byname.y.marital == true and d.raw == "\0\255")
		local tag, request, response = core.protocol(sp, "get")
		assert(tag == 1 and request and response and core.protocol(sp, 1) == "get")
		assert(select(3, core.protocol(sp, "confirm")) == true and select(2, core.protocol(sp, "quit")) == nil)
		assert(core.querytype(sp, "nobody") == nil and core.protocol(sp, "nothing") == nil)
	`)
}

func TestEncodeErrors(t *testing.T) {
	run(t, `
		local function fails(text, t)
			local ok, err = pcall(encode, "Data", t)
			assert(not ok and err:find(text, 1, true), err)
		end
		fails(".Data.number is not a number (Is a table)", { number = {} })
		fails(".Data.number is not a integer (Is a number)", { number = 1.5 })
		fails(".Data.bools is not a table (Is a boolean)", { bools = true })
		fails(".Data.bools is not a boolean (Is a number)", { bools = { 1 } })
		fails("Person is not a table", { byname = { 1 } })
		for _, bad in ipairs { "", "\1\0", "\1\0\0\0\9\0\0\0", "\2\0\0\0" } do
			assert(not pcall(decode, "Person", bad))
		end
	`)
}

func TestParseErrors(t *testing.T) {
	tests := map[string]string{
		".A { a 0 : string":                      "t:1: syntax error",
		"\n.A { a 0 : B }":                       "t:2: Undefined type B in type A",
		".A {} .A {}":                            "redefined type A",
		".A { a 0 : string b 0 : string }":       "redefined tag 0 in type A",
		".A { a 0 : string a 1 : string }":       "redefined name a in type A",
		"p 1 { request B }":                      "Undefined type B in protocol p",
		"p 1 {} q 1 {}":                          "redefined protocol tag 1",
		".B { k 0 : string } .A { a 0 : *B(x) }": "Invalid map index :A.a(x)",
		".A { a 0 : *integer() }":                "a key needs an array of structs",
		".A { a 99999 : string }":                "99999 is too large",
	}
	for text, want := range tests {
		if _, err := Parse(text, "t"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// TestBinary compares a schema with what its binary form says.
func TestBinary(t *testing.T) {
	s, err := Parse(people, "people")
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(s.Binary())
	if err != nil || again.String() != s.String() {
		t.Errorf("got %v\n%s\nwant\n%s", err, again, s)
	}
}

func TestPack(t *testing.T) {
	tests := []struct{ plain, packed string }{
		{"", ""},
		{"080000000300020019000000aa010000", "510803023119aa01"},
		{strings.Repeat("8a", 30), "ff03" + strings.Repeat("8a", 30) + "0000"},
		{strings.Repeat("00", 8), "00"},
		{"0102030405060708" + "0102030405060000" + "0102030405000000", "ff01" + "0102030405060708" + "0102030405060000" + "1f0102030405"},
	}
	for _, tt := range tests {
		plain, _ := hex.DecodeString(tt.plain)
		got := hex.EncodeToString(Pack(plain))
		if got != tt.packed {
			t.Errorf("%s: got %s, want %s", tt.plain, got, tt.packed)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		plain := make([]byte, r.IntN(5000))
		zeros := r.IntN(10)
		for i := range plain {
			if r.IntN(10) >= zeros {
				plain[i] = byte(r.IntN(256))
			}
		}
		back, err := Unpack(Pack(plain))
		if err != nil || len(back)-len(plain) >= 8 || !bytes.Equal(back[:len(plain)], plain) {
			t.Fatalf("%d bytes came back as %d, %v", len(plain), len(back), err)
		}
	}
	for _, bad := range []string{"\xff", "\xff\x00\x01", "\x03\x01"} {
		if _, err := Unpack([]byte(bad)); err == nil {
			t.Errorf("%q was unpacked", bad)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte("\xff\x0012345678\x01a"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = Unpack(b) })
}

func FuzzLoad(f *testing.F) {
	s, err := Parse(people, "people")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Binary())
	f.Fuzz(func(_ *testing.T, b []byte) {
		if s, err := Load(b); err == nil {
			_ = s.String()
		}
	})
}
