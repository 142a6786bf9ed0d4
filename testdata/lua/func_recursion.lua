-- Recursion of several kinds.
local function ack(m, n) if m == 0 then return n + 1 elseif n == 0 then return ack(m - 1, 1) else return ack(m - 1, ack(m, n - 1)) end end print(ack(2, 3))
local function hanoi(n, a, b, c, log) if n > 0 then hanoi(n - 1, a, c, b, log) log[#log + 1] = a .. c hanoi(n - 1, b, a, c, log) end return log end print(table.concat(hanoi(3, "A", "B", "C", {}), " "))
local memo = setmetatable({}, {__index = function(t, n) local v = n < 3 and 1 or t[n - 1] + t[n - 2] t[n] = v return v end}) print(memo[50], memo[60])
local Y = function(f) return (function(x) return x(x) end)(function(x) return f(function(...) return x(x)(...) end) end) end print(Y(function(self) return function(n) return n == 0 and 1 or n * self(n - 1) end end)(10))
local function gcd(a, b) if b == 0 then return a end return gcd(b, a % b) end print(gcd(1071, 462), gcd(2^40, 6^10))
local function flatten(t, out) for _, v in ipairs(t) do if type(v) == "table" then flatten(v, out) else out[#out + 1] = v end end return out end print(table.concat(flatten({1, {2, {3, {4}}, 5}, {}, {{{6}}}}, {}), ","))
local function pow(b, e) if e == 0 then return 1 elseif e % 2 == 0 then local h = pow(b, e / 2) return h * h end return b * pow(b, e - 1) end print(pow(3, 13), pow(2, 40))
