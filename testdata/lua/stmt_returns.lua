-- Adjustment of results, and tail calls.
local function none() end local function one() return 1 end local function two() return 1, 2 end
print(none()) print((none())) print(one(), two()) print(two(), one()) print((two()), two())
local function tail(n) if n == 0 then return two() end return tail(n - 1) end print(tail(200000))
local function cut() return (two()) end print(cut()) local function mixed() return 0, two() end print(mixed())
local function method() return ("x"):rep(3) end print(method()) print(#method(), -one(), not none(), none() == nil)
local function early(x) do return x end end print(early(5)) local function semi() return; end print(semi(), select("#", semi()))
print(pcall(none), select("#", none()), select("#", (none())), type(one()), (pcall(type, none())))
print((function(...) return select("#", ...) end)(none(), none(), two())) print(("%d %d"):format(two())) print(math.max(two()), (math.max(two(), 0)))
