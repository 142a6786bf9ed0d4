-- Patterns of LPeg, written like regular expressions. The syntax is that of LPeg's module re:
--
--   a b   a / b   &a   !a   a?   a*   a+   a^3   a^+3   a^-3   (a)   .   'text'   "text"   [a-z%d]   [^a-z]   %name
--   {a}   {}   {: a :}   {:name: a :}   =name   {~ a ~}   {| a |}
--   a -> 'text'   a -> name   a -> 3   a -> {}   a => name   a >> name   a ~> name
--   name <- a   (rules; the first is where a match begins)      -- a comment
--
-- A pattern is read by a parser that goes down the syntax, one function for each part of it. The parts that are read are
-- put together with lpeg at once.

local lpeg = require "lpeg"

local P, R, V = lpeg.P, lpeg.R, lpeg.V
local find, sub, byte = string.find, string.sub, string.byte

local re = {}

local any = P(1)

-- What %name stands for unless the caller defines it.
local predefined

-- Patterns that were compiled without definitions, by their text.
local compiled

function re.updatelocale()
	local class = lpeg.locale()
	local names = { "a", "c", "d", "g", "l", "p", "s", "u", "w", "x" }
	predefined = {
		nl = P "\n",
		a = class.alpha, c = class.cntrl, d = class.digit, g = class.graph, l = class.lower,
		p = class.punct, s = class.space, u = class.upper, w = class.alnum, x = class.xdigit,
	}
	for _, name in ipairs(names) do
		predefined[name:upper()] = any - predefined[name]
	end
	compiled = setmetatable({}, { __mode = "v" })
end

re.updatelocale()

-- Errors name the place in the pattern; compile, below, adds that of the call.

local function fail(p, message, at)
	at = at or p.at
	local line, column = 1, at
	for start in p.text:gmatch "()\n" do
		if start >= at then break end
		line, column = line + 1, at - start
	end
	local near = sub(p.text, at, at + 19):match "^[^\n]*"
	near = at > #p.text and "the end of the pattern" or "'" .. near .. "'"
	error(("pattern error at line %d, column %d: %s near %s"):format(line, column, message, near), 0)
end

local function skip(p)
	local text, at = p.text, p.at
	while true do
		at = find(text, "[^ \t\n\v\f\r]", at) or #text + 1
		if sub(text, at, at + 1) ~= "--" then break end
		at = find(text, "\n", at, true) or #text + 1
	end
	p.at = at
end

-- accept goes past a word if it comes.
local function accept(p, word)
	if sub(p.text, p.at, p.at + #word - 1) == word then
		p.at = p.at + #word
		return true
	end
end

local function expect(p, word, opened, at)
	if not accept(p, word) then
		fail(p, ("'%s' expected to close '%s' of column %d"):format(word, opened, at))
	end
end

-- token goes past what a Lua pattern finds here, and returns its capture.
local function token(p, pattern)
	local _, last, found = find(p.text, pattern, p.at)
	if last then
		p.at = last + 1
		return found
	end
end

local function name(p) return token(p, "^([%a_][%w_]*)") end

-- A definition of the caller's.
local function defined(p, id, at)
	local value = p.defs and p.defs[id]
	if value == nil then fail(p, "name '" .. id .. "' undefined", at) end
	return value
end

-- %name: a pattern, or what lpeg.P makes one of.
local function named(p)
	local at = p.at - 1
	local id = name(p)
	if not id then fail(p, "name expected after '%'") end
	local value = p.defs and p.defs[id]
	if value == nil then value = predefined[id] end
	if value == nil then fail(p, "name '" .. id .. "' undefined", at) end
	return P(value)
end

local function quoted(p)
	local quote = sub(p.text, p.at, p.at)
	if quote ~= "'" and quote ~= '"' then return nil end
	local last = find(p.text, quote, p.at + 1, true)
	if not last then fail(p, "string without an end") end
	local content = sub(p.text, p.at + 1, last - 1)
	p.at = last + 1
	return content
end

-- [ was read: items up to the next ] that isn't the first of them.
local function class(p)
	local opened = p.at - 1
	local complement = accept(p, "^")
	local set
	repeat
		local item
		if p.at > #p.text then fail(p, "']' expected to close '[' of column " .. opened) end
		local from = token(p, "^(.)%-[^%]]")
		if from then
			item = R(from .. sub(p.text, p.at - 1, p.at - 1))
		elseif find(p.text, "^%%[%a_]", p.at) then
			p.at = p.at + 1
			item = named(p)
		else
			item = P(sub(p.text, p.at, p.at))
			p.at = p.at + 1
		end
		set = set and set + item or item
	until accept(p, "]")
	if complement then return any - set end
	return set
end

local expression -- below

-- Captures in braces: what closes them, and what they make.
local braces = {
	{ "{~", "~}", lpeg.Cs },
	{ "{|", "|}", lpeg.Ct },
	{ "{:", ":}", lpeg.Cg },
	{ "{", "}", lpeg.C },
}

local function inBraces(p)
	local at = p.at
	for _, b in ipairs(braces) do
		local open, close, make = b[1], b[2], b[3]
		if accept(p, open) then
			local label
			if open == "{:" then label = token(p, "^([%a_][%w_]*):") end
			local a = expression(p)
			expect(p, close, open, at)
			return make(a, label)
		end
	end
end

local function rule(p, id, at)
	if not p.rules then fail(p, "rule '" .. id .. "' used outside a grammar", at) end
	p.used[#p.used + 1] = { id, at }
	return V(id)
end

-- The end of a name that begins a definition.
local function arrow(p, at)
	return find(p.text, "^[%a_][%w_]*%s*<%-", at)
end

local function primary(p)
	local at = p.at
	local content = quoted(p)
	if content then return P(content) end
	if accept(p, "(") then
		local a = expression(p)
		expect(p, ")", "(", at)
		return a
	elseif accept(p, "[") then
		return class(p)
	elseif accept(p, "%") then
		return named(p)
	elseif accept(p, ".") then
		return any
	elseif accept(p, "{}") then
		return lpeg.Cp()
	elseif accept(p, "=") then
		local id = name(p)
		if not id then fail(p, "name expected after '='") end
		return lpeg.Cmt(lpeg.Cb(id), function(subject, here, value)
			if type(value) ~= "string" then return false end
			local behind = here + #value
			return sub(subject, here, behind - 1) == value and behind
		end)
	elseif byte(p.text, at) == 123 then -- {
		return inBraces(p)
	elseif accept(p, "<") then
		local id = name(p)
		if not id then
			p.at = at
			return nil
		end
		expect(p, ">", "<", at)
		return rule(p, id, at)
	elseif not arrow(p, at) then
		local id = name(p)
		if id then return rule(p, id, at) end
	end
end

-- ^n: n times; ^+n: at least; ^-n: at most.
local function power(p, a)
	local sign = token(p, "^([+-])")
	local digits = token(p, "^(%d+)")
	if not digits then fail(p, "number expected after '^'") end
	local n = tonumber(digits)
	if sign == "+" then return a ^ n end
	if sign == "-" then return a ^ -n end
	local times = P(true)
	for _ = 1, n do
		times = times * a
	end
	return times
end

-- ->: what the captures become.
local function transform(p, a)
	skip(p)
	local content = quoted(p)
	if content then return a / content end
	local number = token(p, "^(%d+)")
	if number then return a / tonumber(number) end
	if accept(p, "{}") then return lpeg.Ct(a) end
	local at = p.at
	local id = name(p)
	if id then return a / defined(p, id, at) end
	fail(p, "string, number, name or '{}' expected after '->'")
end

-- with reads the name of a function for an operator.
local function with(p, operator)
	skip(p)
	local at = p.at
	local id = name(p)
	if not id then fail(p, "name expected after '" .. operator .. "'") end
	return defined(p, id, at)
end

local function suffix(p)
	local a = primary(p)
	if not a then return nil end
	skip(p)
	while true do
		if accept(p, "+") then a = a ^ 1
		elseif accept(p, "*") then a = a ^ 0
		elseif accept(p, "?") then a = a ^ -1
		elseif accept(p, "^") then a = power(p, a)
		elseif accept(p, "->") then a = transform(p, a)
		elseif accept(p, "=>") then a = lpeg.Cmt(a, with(p, "=>"))
		elseif accept(p, "~>") then a = lpeg.Cf(a, with(p, "~>"))
		elseif accept(p, ">>") then a = a % with(p, ">>")
		else return a
		end
		skip(p)
	end
end

local function prefix(p)
	for _, operator in ipairs { "&", "!" } do
		if accept(p, operator) then
			skip(p)
			local a = prefix(p)
			if not a then fail(p, "pattern expected after '" .. operator .. "'") end
			if operator == "&" then return #a end
			return -a
		end
	end
	return suffix(p)
end

local function sequence(p)
	local a = prefix(p)
	local b = a and prefix(p)
	while b do
		a, b = a * b, prefix(p)
	end
	return a or P(true)
end

local function alternative(p)
	local a = sequence(p)
	while accept(p, "/") do
		skip(p)
		a = a + sequence(p)
	end
	return a
end

local function grammar(p)
	local outer, used = p.rules, p.used
	local rules = {}
	p.rules, p.used = rules, {}
	while arrow(p, p.at) do
		local at = p.at
		local id = name(p)
		if rules[id] then fail(p, "rule '" .. id .. "' defined twice", at) end
		p.at = find(p.text, "<-", p.at, true) + 2
		skip(p)
		rules[id] = alternative(p)
		rules[1] = rules[1] or id
	end
	for _, use in ipairs(p.used) do
		if not rules[use[1]] then fail(p, "rule '" .. use[1] .. "' undefined", use[2]) end
	end
	p.rules, p.used = outer, used
	return P(rules)
end

function expression(p)
	skip(p)
	local depth = p.depth + 1
	if depth > 100 then fail(p, "pattern nested too deep") end
	p.depth = depth
	local a
	if arrow(p, p.at) then
		a = grammar(p)
	else
		a = alternative(p)
	end
	p.depth = depth - 1
	return a
end

-- compile reads a text; level is that of the function which an error blames.
local function compile(text, defs, level)
	if lpeg.type(text) == "pattern" then return text end
	if type(text) ~= "string" then
		error("string or pattern expected, got " .. type(text), level + 1)
	end
	local p = { text = text, at = 1, defs = defs, depth = 0 }
	local ok, a = pcall(function()
		local a = expression(p)
		if p.at <= #text then fail(p, "unexpected text") end
		return a
	end)
	if ok then return a end
	if type(a) ~= "string" then error(a, 0) end
	error((a:gsub("^[^\n]-re%.lua:%d+: ", "")), level + 1)
end

-- re.compile returns the pattern of a text. defs has what %name, ->, =>, >> and ~> refer to. A pattern is returned as it is.
function re.compile(text, defs)
	local a = compile(text, defs, 2)
	return a
end

-- cached returns the pattern of a text without definitions.
local function cached(text)
	local a = compiled[text]
	if not a then
		a = compile(text, nil, 3)
		if a ~= text then compiled[text] = a end
	end
	return a
end

-- re.match is lpeg.match for a pattern or its text.
function re.match(subject, pattern, init)
	local a = cached(pattern)
	return a:match(subject, init or 1)
end

local searches = setmetatable({}, { __mode = "k" })

-- re.find returns where the first match at init or behind it begins and ends.
function re.find(subject, pattern, init)
	local a = cached(pattern)
	local search = searches[a]
	if not search then
		search = P { lpeg.Cp() * (a / 0) * lpeg.Cp() + 1 * V(1) }
		searches[a] = search
	end
	local first, behind = search:match(subject, init or 1)
	if first then return first, behind - 1 end
	return nil
end

local substitutions = setmetatable({}, { __mode = "k" })

-- re.gsub returns subject with all matches replaced: by a string, a table's value, or a function's result.
function re.gsub(subject, pattern, replacement)
	local a = cached(pattern)
	local last = substitutions[a]
	if not last or last.replacement ~= replacement then
		last = { replacement = replacement, all = lpeg.Cs((a / replacement + 1) ^ 0) }
		substitutions[a] = last
	end
	return last.all:match(subject)
end

return re
