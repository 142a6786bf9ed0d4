local function failure(...) return (select(2, pcall(...))) end
print(failure(string.gmatch))
print(failure(string.gmatch, "x"))
print(failure(string.gmatch, "x", {}))
print(failure(string.gmatch("x", "(")))
print(failure(string.gmatch("x", "%")))
print(failure(string.gmatch("x", "[")))
print(pcall(function() for w in ("x"):gmatch("(x") do end end))
print((pcall(string.gmatch, "x", "[")))
