-- A grammar of JSON over a large text. `lua5.2 json.lua` and `luahost lua json.lua` print CPU times; BenchmarkJSON runs it too.
local lpeg = require "lpeg"
local P, S, R, V, C, Cc, Cf, Cg, Cs, Ct = lpeg.P, lpeg.S, lpeg.R, lpeg.V, lpeg.C, lpeg.Cc, lpeg.Cf, lpeg.Cg, lpeg.Cs, lpeg.Ct

local space = S " \t\r\n" ^ 0
local function token(p) return P(p) * space end
local integer = P "-" ^ -1 * (P "0" + R "19" * R "09" ^ 0)
local number = integer * (P "." * R "09" ^ 1) ^ -1 * (S "eE" * S "+-" ^ -1 * R "09" ^ 1) ^ -1
local escapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local char = P "\\" * 1 + (1 - S '"\\')
local unescaped = P "\\" / "" * (C(1) / function(c) return escapes[c] or c end) + (1 - S '"\\')

-- whether a text is JSON
local recognize = P {
	space * V "value" * -1,
	value = V "string" + V "number" + V "object" + V "array" + token "true" + token "false" + token "null",
	string = '"' * char ^ 0 * '"' * space,
	number = number * space,
	object = token "{" * (V "pair" * (token "," * V "pair") ^ 0) ^ -1 * token "}",
	pair = V "string" * token ":" * V "value",
	array = token "[" * (V "value" * (token "," * V "value") ^ 0) ^ -1 * token "]",
}

-- tables of it
local function tree(string)
	local pair = Cg(string * token ":" * V "value")
	return P {
		space * V "value" * -1,
		value = string + C(number) / tonumber * space + V "object" + V "array"
			+ token "true" * Cc(true) + token "false" * Cc(false) + token "null" * Cc(nil),
		object = token "{" * Cf(Ct "" * (pair * (token "," * pair) ^ 0) ^ -1, rawset) * token "}",
		array = token "[" * Ct((V "value" * (token "," * V "value") ^ 0) ^ -1) * token "]",
	}
end

local parts = {}
for i = 1, 700 do
	parts[i] = ('{"id": %d, "name": "player %d", "score": %g, "tags": ["a", "b\\n", "long tag %d"], "alive": %s, "pos": {"x": %g, "y": %g}}'):format(
		i, i, i * 1.5, i, tostring(i % 2 == 0), i / 7, -i)
end
local text = "[" .. table.concat(parts, ",\n") .. "]"

-- all places of 200 words in it
local words = P(false)
for i = 1, 200 do words = words + ("w%d"):format(i * 37 % 1000) end

local plain, whole, search = tree('"' * C(char ^ 0) * '"' * space), tree('"' * Cs(unescaped ^ 0) * '"' * space), Ct((C(words) + 1) ^ 0)
size = #text
work = {
	recognize = function() return recognize:match(text) end,
	tree = function() return plain:match(text) end,
	strings = function() return whole:match(text) end,
	words = function() return search:match(text) end,
}
assert(work.recognize() == size + 1 and #work.tree() == 700 and work.strings()[7].tags[2] == "b\n")

if not quiet then
	for _, name in ipairs { "recognize", "tree", "strings", "words" } do
		local rounds, f = 50, work[name]
		local start = os.clock()
		for _ = 1, rounds do f() end
		print(("%-10s %d bytes: %.2f ms"):format(name, size, (os.clock() - start) / rounds * 1000))
	end
end
