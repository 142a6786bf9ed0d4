-- Classes with inheritance, mixins, operators and a tostring.
local function class(name, base)
  local c = {} c.__index = c c.__name = name
  if base then setmetatable(c, {__index = base, __call = function(self, ...) local o = setmetatable({}, self) o:init(...) return o end}) for _, m in ipairs{"__tostring", "__eq", "__lt", "__add", "__len"} do c[m] = base[m] end c.super = base
  else setmetatable(c, {__call = function(self, ...) local o = setmetatable({}, self) o:init(...) return o end}) end
  return c
end
local Shape = class("Shape") function Shape:init(name) self.name = name end function Shape:area() return 0 end function Shape.__tostring(s) return s.__name .. "(" .. s.name .. ", " .. s:area() .. ")" end function Shape.__eq(a, b) return a:area() == b:area() end function Shape.__lt(a, b) return a:area() < b:area() end function Shape.__add(a, b) return a:area() + b:area() end
local Square = class("Square", Shape) function Square:init(side) Shape.init(self, "square") self.side = side end function Square:area() return self.side ^ 2 end
local Rect = class("Rect", Shape) function Rect:init(w, h) Shape.init(self, "rect") self.w, self.h = w, h end function Rect:area() return self.w * self.h end
local s, r = Square(3), Rect(2, 4.5) print(s, r, s == r, s < r, s + r, Rect(1, 1) < s) local list = {Square(2), Rect(1, 2), Square(1), Rect(5, 5)} table.sort(list, function(a, b) return a < b end) for _, v in ipairs(list) do io.write(tostring(v), " ") end print()
print(getmetatable(s) == Square, rawget(s, "area"), s.area == Square.area, pcall(function() return s:volume() end)) local Cube = class("Cube", Square) function Cube:area() return 6 * Square.area(self) end local c = Cube(2) print(c, c.side, c:area(), c.super == Square)
