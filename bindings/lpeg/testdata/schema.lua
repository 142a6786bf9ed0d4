-- A reader of sproto schemas as one would write it for skynet: a grammar that counts lines and makes tables.
local lpeg = require "lpeg"
local P, S, R, C, Ct, Cg, Cc, V = lpeg.P, lpeg.S, lpeg.R, lpeg.C, lpeg.Ct, lpeg.Cg, lpeg.Cc, lpeg.V

local function lines(_, pos, state)
	if state.pos < pos then
		state.line, state.pos = state.line + 1, pos
	end
	return pos
end

local failed = lpeg.Cmt(lpeg.Carg(1), function(_, pos, state)
	error(("syntax error at [%s] line (%d)"):format(state.file, state.line), 0)
end)

local eof = P(-1)
local newline = lpeg.Cmt((P "\n" + "\r\n") * lpeg.Carg(1), lines)
local comment = "#" * (1 - newline) ^ 0 * (newline + eof)
local blank = (S " \t" + newline + comment) ^ 1
local blanks = blank ^ 0
local word = C(R("az", "AZ", "__") * R("az", "AZ", "09", "__") ^ 0)
local name = C(word * ("." * word) ^ 0) / 1
local tag = R "09" ^ 1 / tonumber
local key = "(" * blanks * (word ^ -1) * blanks * ")"

local function multi(p) return Ct(blanks * p * (blanks * p) ^ 0 * blanks) end
local function node(kind, p)
	return Ct(Cg(Cc(kind), "kind") * Cg(lpeg.Cmt(lpeg.Carg(1), function(_, pos, state) return pos, state.line end), "line") * Cg(p, "body"))
end

local schema = P {
	"all",
	all = Ct(blanks * (V "item" * blanks) ^ 0) * (eof + failed),
	item = V "type" + V "protocol",
	type = node("type", Ct(P "." * word * blanks * V "struct")),
	struct = "{" * multi(V "field" + V "type") * ("}" + failed),
	field = node("field", Ct(word * blank * tag * blanks * ":" * blanks * (C "*") ^ -1 * name * key ^ -1)),
	sub = Ct(C(P "request" + "response") * blanks * (name + V "struct")),
	protocol = node("protocol", Ct(word * blank * tag * blanks * "{" * Ct((blanks * V "sub") ^ 0) * blanks * ("}" + failed))),
}

local function dump(t, indent)
	for i, v in ipairs(t) do
		if type(v) == "table" then
			print(indent .. i .. " " .. tostring(v.kind) .. " line " .. tostring(v.line))
			dump(v.body or v, indent .. "  ")
		else
			print(indent .. i .. " " .. tostring(v))
		end
	end
end

local text = [[
# people
.Person {
	name 0 : string
	id 1 : integer
	.Phone {
		number 0 : string # of one
		type 1 : integer
	}
	phone 3 : *Phone(number)
}
get 1 {
	request { id 0 : integer }
	response people.Person
}
]]
dump(schema:match(text, 1, { file = "people", line = 1, pos = 0 }), "")
print(pcall(schema.match, schema, text .. "\nget 2 {\n\trequest oops oops\n}", 1, { file = "people", line = 1, pos = 0 }))
