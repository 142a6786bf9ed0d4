-- Classes with inheritance, super calls and operators.
local function class(parent)
  local c = {} c.__index = c
  if parent then for _, m in ipairs {"__add", "__eq", "__lt", "__tostring", "__len"} do c[m] = rawget(parent, m) end end
  return setmetatable(c, {__index = parent, __call = function(c, ...) local o = setmetatable({}, c) if c.init then o:init(...) end return o end})
end
local Shape = class()
function Shape:init(n) self.n = n end
function Shape:area() return 0 end
function Shape:describe() return self.n .. " " .. self:area() end
Shape.__tostring = function(s) return "<" .. s:describe() .. ">" end
Shape.__lt = function(a, b) return a:area() < b:area() end
Shape.__add = function(a, b) return a:area() + b:area() end
local Square = class(Shape)
function Square:init(s) Shape.init(self, "square") self.s = s end
function Square:area() return self.s ^ 2 end
local Cube = class(Square)
function Cube:init(s) Square.init(self, s) self.n = "cube" end
function Cube:area() return 6 * Square.area(self) end
local list = {Cube(2), Square(3), Shape "dot", Square(1)}
table.sort(list)
for _, s in ipairs(list) do print(s, s:describe()) end
print(list[1] + list[4], list[2] < list[3], getmetatable(list[4]) == Cube, Cube.missing)
