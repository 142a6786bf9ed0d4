package json_test

import (
	stdjson "encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/luahost/luahost/bindings/json"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/vm"
)

func TestEncode(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`json = require "json"`)
		for _, test := range []struct{ value, want string }{
			{`nil`, `null`},
			{`json.null`, `null`},
			{`true`, `true`},
			{`1`, `1`},
			{`-0.0`, `-0`},
			{`1e15`, `1000000000000000`},
			{`2^53`, `9007199254740992`},
			{`2^64`, `18446744073709552000`},
			{`1/3`, `0.3333333333333333`},
			{`1e21`, `1e+21`},
			{`1.5e-9`, `1.5e-9`},
			{`5e-324`, `5e-324`},
			{`"a\"\\/\b\f\n\r\t\1\127é"`, `"a\"\\/\b\f\n\r\t\u0001` + "\x7f" + `é"`},
			{`""`, `""`},
			{`{}`, `{}`},
			{`json.array{}`, `[]`},
			{`json.array()`, `[]`},
			{`{1, "a", {}, json.null}`, `[1,"a",{},null]`},
			{`{1, nil, 3}`, `[1,null,3]`},
			{`{[3] = 1}`, `[null,null,1]`},
			{`{a = {b = {}}}`, `{"a":{"b":{}}}`},
			{`{[1.5] = "x"}`, `{"1.5":"x"}`},
			{`json.decode('{"list":[],"object":{}}', nil).list`, `[]`},
			{`(function() local t = json.decode("[1]") table.remove(t) return t end)()`, `[]`},
			{`{b = 1, a = {2, {d = 3, c = 4}}, e = {}, f = json.array()}, {sort = true}`, `{"a":[2,{"c":4,"d":3}],"b":1,"e":{},"f":[]}`},
			{`{b = 1, a = {2, {}}, e = json.array()}, {sort = true, indent = "  "}`,
				"{\n  \"a\": [\n    2,\n    {}\n  ],\n  \"b\": 1,\n  \"e\": []\n}"},
		} {
			h.Expect("return json.encode("+test.value+")", test.want)
		}
		for _, test := range []struct{ value, want string }{
			{`print`, "chunk:1: cannot encode function value: type not supported"},
			{`{a = {1, {["b c"] = print}}}`, "cannot encode function value at .a[2].b c: type not supported"},
			{`0/0`, "cannot encode number value: must not be NaN or Inf"},
			{`{math.huge}`, "cannot encode number value at [1]: must not be NaN or Inf"},
			{`"\255"`, "cannot encode string value: it is not UTF-8"},
			{`{["\255"] = 1}`, "cannot encode string value at a key: it is not UTF-8"},
			{`{1, x = 2}`, "cannot encode table value: it has both elements and fields"},
			{`{[1] = 1, [100] = 2}`, "cannot encode table value: excessively sparse array"},
			{`{[true] = 1}`, "cannot encode boolean value: table key must be a number or string"},
			{`io.stdout`, "cannot encode userdata value: type not supported"},
			{`(function() local t = {} t.t = t return t end)()`, "more than 1000 nested tables"},
			{``, "bad argument #1 to 'encode' (value expected)"},
			{`1, {sorted = true}`, "bad argument #2 to 'encode' (unknown field 'sorted')"},
		} {
			h.ExpectError("return json.encode("+test.value+")", test.want)
		}
	}, host.WithModule(json.Modules()...))
}

func TestDecode(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`json = require "json"`)
		h.Expect(`local t = json.decode '{"a":[1,2.5,-3e2,true,false,null,"x"],"b":{"c":[]}}' return t.a[1], t.a[2], t.a[3], t.a[4], t.a[5], t.a[6] == json.null, t.a[7], #t.a, #t.b.c`,
			1, 2.5, -300, true, false, true, "x", 7, 0)
		h.Expect(`return json.decode('[null]', {null = false})[1]`, false)
		h.Expect(`return json.decode('"\\ud83d\\ude00\\ud800\\u0041"')`, "😀\ufffdA")
		h.Expect(`return json.decode(' "" ')`, "")
		h.Expect(`return json.decode("12")`, 12)
		h.Expect(`return require "cjson".null == json.null`, true)
		for _, test := range []struct{ text, want string }{
			{``, "line 1, column 1: expected a value, found the end"},
			{`{"a":1,}`, "line 1, column 8: expected a string as the key, found '}'"},
			{"[1,\n 2\n 3]", "line 3, column 2: expected ',' or ']', found a number"},
			{`{"a" 1}`, "line 1, column 6: expected ':', found a number"},
			{`[01]`, "line 1, column 2: expected a value, found an invalid number"},
			{`[1.]`, "found an invalid number"},
			{`[.5]`, "found an invalid token"},
			{`[+1]`, "found an invalid token"},
			{`[1e]`, "found an invalid number"},
			{`[1e400]`, "line 1, column 2: expected a value, found a number that is too large"},
			{`-`, "found an invalid number"},
			{`NaN`, "found an invalid token"},
			{"\"a\nb\"", "line 1, column 3: expected a value, found a control character in a string"},
			{`"\x"`, "found an invalid escape"},
			{`"\u12g4"`, `found an invalid \u escape`},
			{`"abc`, "found an unfinished string"},
			{`[1] x`, "line 1, column 5: expected the end, found an invalid token"},
			{"1\x00", "expected the end, found an invalid token"},
			{"\ufeff1", "found an invalid token"},
			{`true false`, "expected the end, found a boolean"},
			{strings.Repeat("[", 1001), "line 1, column 1001: more than 1000 nested arrays and objects"},
		} {
			h.ExpectError(fmt.Sprintf("return json.decode(%s)", luaQuote(test.text)), "chunk:1: invalid JSON: ")
			h.ExpectError(fmt.Sprintf("return json.decode(%s)", luaQuote(test.text)), test.want)
		}
		h.ExpectError(`json.decode()`, "bad argument #1 to 'decode' (string expected, got no value)")
		h.ExpectError(`json.array("x")`, "bad argument #1 to 'array' (table expected, got string)")
		h.ExpectError(`json.array(setmetatable({}, {}))`, "bad argument #1 to 'array' (it has another metatable)")
	}, host.WithModule(json.Modules()...))
}

func luaQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		fmt.Fprintf(&b, "\\%03d", s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// OpenResty's additions to cjson.
func TestCJSONAdditions(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`cjson = require "cjson"`)
		h.Expect(`return cjson.encode{a = cjson.empty_array}`, `{"a":[]}`)
		h.Expect(`return cjson.encode(setmetatable({}, cjson.array_mt)), cjson.encode(setmetatable({x = 1}, cjson.array_mt))`, "[]", "[]")
		h.Expect(`return cjson.encode(setmetatable({}, cjson.empty_array_mt)), cjson.encode(setmetatable({x = 1}, cjson.empty_array_mt))`, "[]", `{"x":1}`)
		h.Expect(`return cjson.encode_empty_table_as_object(false), cjson.encode{}, cjson.encode_empty_table_as_object(true), cjson.encode{}`, false, "[]", true, "{}")
		h.Expect(`return cjson.decode_array_with_array_mt(true), cjson.encode(cjson.decode "[[],{}]")`, true, "[[],{}]")
		h.Expect(`return cjson.encode_escape_forward_slash(false), cjson.encode "/"`, false, `"/"`)
		h.Expect(`return cjson.encode_number_precision(16), cjson.encode(1/3)`, 16, "0.3333333333333333")
		h.Expect(`local one, other = cjson.new(), cjson.new() one.encode_max_depth(1) return pcall(one.encode, {{}}) == false, other.encode{{}}, cjson.encode{{}}`,
			true, "[{}]", "[{}]")
	}, host.WithModule(json.Modules()...))
}

func TestLimits(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`json = require "json"`)
		h.ExpectError(`local s = ("x"):rep(2^20) local t = {} for i = 1, 100 do t[i] = s end return #json.encode(t)`, "not enough memory")
		h.ExpectError(`return json.decode("[" .. ("{},"):rep(200000) .. "{}]")`, "not enough memory")
		h.Expect(`return json.encode{1}`, "[1]")
	}, host.WithModule(json.Modules()...), host.WithMemoryLimit(8<<20))
}

// newState returns functions of json in a plain state.
func newState(t testing.TB) (s *vm.State, encode, decode vm.Value) {
	s = vm.NewState(vm.Options{})
	table := json.Open(s)
	return s, table.GetString("encode"), table.GetString("decode")
}

// equal compares a value that was decoded here with one by encoding/json.
func equal(got vm.Value, want any) bool {
	switch want := want.(type) {
	case nil:
		return got == vm.LightUserdata(0)
	case bool:
		return got == vm.Bool(want)
	case float64:
		f, ok := got.AsNumber()
		return ok && f == want
	case string:
		s, ok := got.AsString()
		return ok && s == want
	case []any:
		t, ok := got.AsTable()
		if !ok || t.Len() != len(want) || t.Metatable() == nil {
			return false
		}
		for i := range want {
			if !equal(t.GetInt(i+1), want[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		t, ok := got.AsTable()
		if !ok {
			return false
		}
		n := 0
		for k, v := range t.Fields {
			name, _ := k.AsString()
			if w, ok := want[name]; !ok || !equal(v, w) {
				return false
			}
			n++
		}
		return n == len(want)
	}
	return false
}

var seeds = []string{
	`{"a":[1,2.5e3,"x\u00e9\n"],"b":null}`, `[[],{},""]`, `"\ud83d\ude00\ud800"`, `-0`, `1e308`, `[1,]`, `{"a":1,"a":2}`, `12345678901234567890`,
	`0.1e-7`, " [ ] \n", `{"":{"":0}}`, `"\ud800\u0041"`, `[1.0,1E+2,-1e-2]`, `nul`, `"` + strings.Repeat("é", 3000) + `"`, `[` + strings.Repeat(`{"key":"value"},`, 500) + `0]`,
}

// FuzzDecode compares with encoding/json, and what was decoded must be the same after encoding and decoding again.
func FuzzDecode(f *testing.F) {
	for _, text := range seeds {
		f.Add(text)
	}
	s, encode, decode := newState(f)
	f.Fuzz(func(t *testing.T, text string) {
		var want any
		wantErr := stdjson.Unmarshal([]byte(text), &want)
		r, err := s.Main().Call(decode, vm.String(text))
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got error %v, want %v", text, err, wantErr)
		}
		if err != nil || !utf8.ValidString(text) {
			return
		}
		if v := r[0]; !equal(v, want) {
			t.Fatalf("%q: got another value than %#v", text, want)
		}
		r, err = s.Main().Call(encode, r[0])
		if err != nil {
			t.Fatalf("%q: encoding: %v", text, err)
		}
		again, err := s.Main().Call(decode, r[0])
		if err != nil || !equal(again[0], want) {
			t.Fatalf("%q: encoded as %s, which is another value (%v)", text, vm.Text(r[0]), err)
		}
	})
}

func FuzzCJSON(f *testing.F) {
	for _, text := range seeds {
		f.Add(text)
	}
	h := hosttest.New(f, host.WithModule(json.Modules()...))
	h.Eval(`cjson = require "cjson.safe"`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := h.Go(`local v = cjson.decode(` + luaQuote(text) + `) if v ~= nil then cjson.encode(v) end`).Wait(); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
