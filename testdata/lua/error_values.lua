-- Error objects of all kinds travel unchanged.
local function roundtrip(v) local ok, e = pcall(error, v) return e == v, type(e) end
print(roundtrip({})) print(roundtrip(1.5)) print(roundtrip(true)) print(roundtrip(false)) print(roundtrip(print)) print(roundtrip(coroutine.create(print))) print(roundtrip(io.stdout)) print(roundtrip(nil)) print(roundtrip("s"))
local E = setmetatable({}, {__call = function(self, code) return setmetatable({code = code}, self) end}) E.__index = E E.__tostring = function(e) return "E" .. e.code end
local ok, e = pcall(function() error(E(7)) end) print(ok, tostring(e), e.code, getmetatable(e) == E)
local function try(f, handlers) local ok, e = pcall(f) if ok then return "ok" end for class, h in pairs(handlers) do if getmetatable(e) == class then return h(e) end end error(e, 0) end
print(try(function() error(E(1)) end, {[E] = function(e) return "handled " .. e.code end})) print(pcall(try, function() error("other") end, {[E] = print})) print(try(function() end, {}))
print(select("#", pcall(function() local ok, e = pcall(error, E(2)) error(e) end))) ok, e = pcall(function() local ok, e = pcall(error, E(3)) e.code = e.code + 1 error(e) end) print(e.code)
ok, e = pcall(coroutine.wrap(function() error(E(5)) end)) print(tostring(e)) ok, e = coroutine.resume(coroutine.create(function() error(E(6)) end)) print(tostring(e)) ok, e = xpcall(function() error(E(8)) end, function(e) e.code = e.code * 2 return e end) print(e.code)
ok, e = pcall(string.gsub, "x", "x", function() error(E(9)) end) print(e.code) ok, e = pcall(table.sort, {1, 2}, function() error(E(10)) end) print(e.code) ok, e = pcall(load, function() error(E(11)) end) print(ok, e, (select(3, pcall(load, function() error(E(12), 2) end))).code) for level = 1, 3 do local ok, e = pcall(function() error(E(level), level) end) print(e.code) end
