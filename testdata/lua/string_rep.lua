local function failure(...) return (select(2, pcall(...))) end
print(("ab"):rep(3), ("ab"):rep(1), ("ab"):rep(0) == "", ("ab"):rep(-1) == "", (""):rep(10) == "")
print(("ab"):rep(3, "-"), ("ab"):rep(1, "-"), ("ab"):rep(0, "-") == "", (""):rep(3, ","))
print(string.rep(7, 3), string.rep("x", "2"), string.rep("x", 2.9), ("x"):rep(3, 0))
print(#("x"):rep(1000), #("xy"):rep(1000, "z"), ("\0"):rep(3):byte(1, -1))
print(#(""):rep(1e6))
for n = 0, 20 do assert(#("abc"):rep(n, "--") == math.max(0, 5 * n - 2)) end
print(("ab"):rep(5, "12"))
print(failure(string.rep))
print(failure(string.rep, "x"))
print(failure(string.rep, "x", "y"))
print(failure(string.rep, "x", 1, {}))
print(failure(string.rep, {}, 1))
