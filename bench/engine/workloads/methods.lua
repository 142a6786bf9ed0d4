local Animal = {} Animal.__index = Animal
function Animal.new(n) return setmetatable({name = n, energy = 0}, Animal) end
function Animal:eat(x) self.energy = self.energy + x return self end
function Animal:get() return self.energy end
local Dog = setmetatable({}, {__index = Animal}) Dog.__index = Dog
function Dog.new(n) return setmetatable({name = n, energy = 0}, Dog) end
function Dog:bark() return #self.name end
return function()
  local d, n = Dog.new("rex"), 0
  for i = 1, 2000000 do d:eat(1) n = n + d:get() + d:bark() end
  return n
end
