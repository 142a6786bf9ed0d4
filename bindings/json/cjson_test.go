package json_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/luahost/luahost/bindings/json"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
)

// TestAgainstLuaCJSON runs one script here and on C Lua with lua-cjson: they must print the same.
func TestAgainstLuaCJSON(t *testing.T) {
	lua, err := exec.LookPath("lua5.2")
	if err != nil || exec.Command(lua, "-e", `require "cjson.safe"`).Run() != nil {
		t.Skip("lua5.2 with lua-cjson is not installed (Debian: lua5.2, lua-cjson)")
	}
	cmd := exec.Command(lua, "-")
	cmd.Stdin = strings.NewReader(cjsonScript)
	want, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, want)
	}
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(cjsonScript)
		compareLines(t, h.Output(), string(want))
	}, host.WithModule(json.Modules()...))
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Errorf("line %d:\n got %q\nwant %q", i+1, a, b)
		}
	}
}

const cjsonScript = `
local cjson = require "cjson"

-- show prints a value in one form on every Lua.
local function show(v)
	if type(v) == "table" then
		local keys = {}
		for k in pairs(v) do keys[#keys + 1] = k end
		table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
		for i, k in ipairs(keys) do keys[i] = tostring(k) .. "=" .. show(v[k]) end
		return "{" .. table.concat(keys, ",") .. "}"
	elseif v == cjson.null then
		return "null"
	elseif type(v) == "string" then
		return (string.format("%q", v):gsub("\\\n", "\\n"))
	end
	return tostring(v)
end

local function shown(...)
	local t = {}
	for i = 1, select("#", ...) do
		local v = select(i, ...)
		t[i] = show(v)
	end
	print(table.concat(t, " "))
end

-- try leaves names of functions out, which C Lua can't tell.
local function try(f, ...)
	local r = table.pack(pcall(f, ...))
	if not r[1] and type(r[2]) == "string" then r[2] = r[2]:gsub("to '[^']*'", "to ?") end
	shown(table.unpack(r, 1, r.n))
end

for _, text in ipairs {"", " ", "[1,}", "{1:2}", '{"a"}', '{"a":1,}', "[1 2]", "1 2", "[1]]", "nul", "tru", '"abc', '"a\\x"', '"\\u12"',
	'"\\ud800"', '"\\ud800\\u0041"', '"\\udc00"', "01", "-", "-x", "1.", ".5", "+1", "1e", "1e5", "0x10", "0x1p4", "0x.8", "NaN", "inf", "-inf", "Infinity",
	"-Infinity", "1.5.5", '["a\nb"]', '"a\0b"', "\255", '{"a":1 "b":2}', "[,1]", "[", "{", '{"a"', '{"a":', "[1,", '"\\', "1x", "[1x]",
	"-0", "1e400", "0123", "00", "-01", "infx", "truex", "[truex]", "nullx", "  1  ", '"\\/\\b\\f\\n\\r\\t\\"\\\\"', '"\\ud83d\\ude00"', '"\\u00e9\\u20AC"',
	'{"a":1,"a":2}', "[null]", "\239\187\1911", "\0001", "1\0", "11\0garbage", "{true:1}", "{[", '["x":1]', "0x", "0xg", "i", "n", "-n", "-nan", "1e+",
	"1E5", "--1", "- 1", "[1,2", '{"a":"b', "[-x]", "[1 -x]", '{"a":1 "b', "{\"a\\x\":1}", '{"":{"":[[],{}]}}', "[true,false,null]", "1.25e-3", "123456789012345678",
	"-9007199254740993123456", "0.1", "1e-400", "[1,2,3]\n\t\r ", '"\127"', '[1,"x",{"y":[2,3]}]', "'a'", "/* c */ 1", "[1,]", "\11 1", '"\\u000041"', '"\\uZZZZ"', '{"k":0x1F}', "tRue"} do
	try(cjson.decode, text)
end

for _, v in ipairs {true, false, cjson.null, 1, -0.0, 0.1, 1e15, 1e14, 99999999999999, 123456789012345, 2^53, 1/3, 1e300, -1e-7, 1e100,
	"", "a\"\\/\b\f\n\r\t\1\31\127\255é\0", {}, {1, 2, 3}, {1, nil, 3}, {a = 1}, {[1] = 1, [5] = 5}, {[1] = 1, [11] = 1}, {[1] = 1, [10] = 1}, {[12] = 1},
	{[1.5] = 1}, {[-1] = 1}, {[0] = 1}, {[true] = 1}, print, {print}, io.stdout, coroutine.create(print), 0/0, 1/0, -1/0, {{{}}, {x = {}}}, {[2] = "x"},
	{[1e10] = 1}, {["a/b"] = "/"}} do
	try(cjson.encode, v)
end
try(cjson.encode, nil) try(cjson.encode) try(cjson.encode, 1, 2) try(cjson.decode) try(cjson.decode, {}) try(cjson.decode, "1", "2") try(cjson.decode, 12)

local function nest(n) local t = {} for i = 2, n do t = {t} end return t end
print(#cjson.encode(nest(1000))) try(cjson.encode, nest(1001))
local cycle = {} cycle[1] = cycle try(cjson.encode, cycle)
print(pcall(cjson.decode, ("["):rep(1000) .. ("]"):rep(1000)) == true) try(cjson.decode, ("["):rep(1001) .. ("]"):rep(1001))

try(cjson.encode_sparse_array) try(cjson.encode_sparse_array, true) try(cjson.encode, {[11] = 1}) try(cjson.encode_sparse_array, true, 3, 4) try(cjson.encode, {[5] = 1})
try(cjson.encode_sparse_array, false, 0) try(cjson.encode, {[20] = 1}) try(cjson.encode_sparse_array, 1)
try(cjson.encode_sparse_array, false, 1, 2, 3) try(cjson.encode_sparse_array, nil, 2, 10) try(cjson.encode_sparse_array, "on") try(cjson.encode_sparse_array, "off", "3")
try(cjson.encode_max_depth) try(cjson.encode_max_depth, 2) try(cjson.encode, {{{}}}) try(cjson.encode, {{}}) try(cjson.encode_max_depth, 0) try(cjson.encode_max_depth, "x")
try(cjson.encode_max_depth, 1000)
try(cjson.decode_max_depth, 2) try(cjson.decode, "[[[]]]") try(cjson.decode, "[[]]") try(cjson.decode_max_depth, 1000)
try(cjson.encode_number_precision) try(cjson.encode_number_precision, 3) try(cjson.encode, {math.pi, 12345, 1e10, 100}) 
try(cjson.encode_number_precision, 14)
try(cjson.encode_keep_buffer) try(cjson.encode_keep_buffer, false) try(cjson.encode_keep_buffer, {})
try(cjson.encode_invalid_numbers) try(cjson.encode_invalid_numbers, true) try(cjson.encode, {1/0, -1/0, 0/0 ~= 0/0})
try(cjson.encode_invalid_numbers, "null") try(cjson.encode, {0/0, 1/0}) try(cjson.encode_invalid_numbers, "x") try(cjson.encode_invalid_numbers, 1)
try(cjson.encode_invalid_numbers, "off") try(cjson.encode_invalid_numbers, "on") try(cjson.encode_invalid_numbers, false)
try(cjson.decode_invalid_numbers) try(cjson.decode_invalid_numbers, false)
for _, text in ipairs {"01", "0x1", "nan", "-inf", "+1", "1.", "Infinity", "-01", "[1,01]", "1e5"} do try(cjson.decode, text) end

local own = cjson.new()
print(own.encode_max_depth(5), cjson.encode_max_depth(), own.null == cjson.null, own._NAME, own._VERSION, own.decode_invalid_numbers())
print(type(own.new().decode), type(cjson.new(1).encode))

local safe = require "cjson.safe"
shown(safe.decode "[1,") shown(safe.encode(print)) shown(safe.decode "[1]") shown(safe.encode {1}) shown(safe.encode(nil))
try(safe.decode) print(select("#", safe.decode({}))) try(safe.encode, 1, 2)
shown(safe.new().decode "[")
shown(safe.decode(("["):rep(1001)))
print(pcall(function() return cjson.encode(print) end) == false, cjson == package.loaded.cjson)
`
