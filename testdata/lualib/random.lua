-- websocket.random: sizes, and that it doesn't repeat itself.
dofile((arg[0]:match("^(.*)[/\\]") or ".") .. "/support/setup.lua")
local random = require "websocket.random"

for _, size in ipairs { 0, 1, 4, 16, 1000, 1024 } do
	print(size, #random(size))
end

local seen, again = {}, 0
for _ = 1, 1000 do
	local bytes = random(16)
	again = again + (seen[bytes] and 1 or 0)
	seen[bytes] = true
end
print("repeated", again)

local values, distinct = {}, 0
for c in (random(1024) .. random(1024) .. random(1024)):gmatch(".") do
	distinct = distinct + (values[c] and 0 or 1)
	values[c] = true
end
print("most byte values occur", distinct > 200)

-- Without the system's generator.
local saved = io.open
io.open = nil
print("fallback", #random(1024), #random(1024), random(16) ~= random(16))
io.open = saved
