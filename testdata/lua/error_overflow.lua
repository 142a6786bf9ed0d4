-- Endless recursion ends with an error that can be caught, again and again.
local function forever(n) return 1 + forever(n + 1) end
for i = 1, 3 do
  local ok, m = pcall(forever, 1)
  print(ok, (tostring(m):match("stack overflow")))
end
local t = setmetatable({}, {})
getmetatable(t).__index = function(self, k) return self[k] end
print(pcall(function() return t.a end) == false)
local mutual = {}
function mutual.even(n) if n == 0 then return true end return mutual.odd(n - 1) end
function mutual.odd(n) if n == 0 then return false end return mutual.even(n - 1) end
print(mutual.even(100001), mutual.odd(100001))
local function count(n) if n == 0 then return 0 end return 1 + count(n - 1) end
print(count(15000))
local ok, m = pcall(string.rep, "x", -1)
print(ok, m == "")
local s = setmetatable({}, {__tostring = function(s) return tostring(s) end})
print((pcall(tostring, s)))
print((pcall(string.gsub, "x", "x", function() return forever(1) end)))
print(select(2, xpcall(forever, function(m) return (m:match "stack overflow") end, 1)))
local co = coroutine.create(forever)
local ok, m = coroutine.resume(co, 1)
print(ok, m:match("stack overflow"), coroutine.status(co))
print "still here"
