-- __concat on either side, with numbers, strings and others.
local mt = {}
mt.__concat = function(a, b)
  local function name(x) return getmetatable(x) == mt and "<" .. x.n .. ">" or tostring(x) end
  return setmetatable({n = name(a) .. "." .. name(b)}, mt)
end
local function new(n) return setmetatable({n = n}, mt) end
local a, b = new "a", new "b"
print((a .. b).n) print((a .. "x").n) print(("x" .. a).n) print((1 .. a).n) print((a .. 1.5).n)
print((a .. nil).n) print((true .. a).n)
print(("x" .. "y" .. a).n) print((a .. "x" .. "y").n) print(("x" .. a .. "y").n)
print((a .. b .. a).n) print(((a .. b) .. a).n) print((1 .. 2 .. a .. 3 .. 4).n)
mt.__concat = function(x, y) return "string" end
print(a .. b .. "c" .. a, "x" .. a .. "y")
mt.__concat = function() end
print(a .. b, (a .. "x"))
mt.__concat = nil
print(pcall(function() return a .. "x" end))
