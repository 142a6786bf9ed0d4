-- luahost only
-- No string is longer than 2^31-1 bytes.
local function failure(...) return (select(2, pcall(...))) end
print(failure(string.rep, "x", 2 ^ 31 - 1))
print(failure(string.rep, "xx", 2 ^ 30))
print(failure(string.rep, "x", 2 ^ 30, "y"))
print(failure(string.rep, ("x"):rep(1000), 2 ^ 24))
print(failure(string.rep, "x", 2 ^ 62))
print(failure(string.rep, "x", 1 / 0))
print(#string.rep("", 2 ^ 62), #string.rep("x", -1 / 0))
print(("hello"):sub(1, 1 / 0), ("hello"):sub(-1 / 0), ("hello"):sub(2, 2 ^ 70), ("hello"):byte(1, 1 / 0))
