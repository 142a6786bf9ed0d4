-- An error that ends the program.
local t = setmetatable({}, {__index = function(t, k) error("no " .. k) end})
print("before")
local function f() return t.missing end
f()
print("never")
