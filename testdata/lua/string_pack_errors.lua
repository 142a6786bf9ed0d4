-- luahost only
local function failure(...) return (select(2, pcall(...))) end
local p = string.pack
print(failure(p)) print(failure(p, {})) print(failure(p, "i4")) print(failure(p, "i4", "x")) print(failure(p, "i4", {})) print(failure(p, "d", "x")) print(failure(p, "s", {})) print(failure(p, "z"))
print(failure(p, "i17", 1)) print(failure(p, "i0", 1)) print(failure(p, "I99999999999", 1)) print(failure(p, "!17")) print(failure(p, "s20", "")) print(failure(p, "c", "x")) print(failure(p, "y", 1)) print(failure(p, "i4 ?", 1))
print(failure(p, "i1", 128)) print(failure(p, "i1", -129)) print(failure(p, "I1", 256)) print(failure(p, "I1", -1)) print(failure(p, "i4", 2 ^ 31)) print(failure(p, "I4", 2 ^ 32)) print(failure(p, "h", 32768)) print(failure(p, "i7", 2 ^ 55)) print(failure(p, "b b", 1, 200))
print(failure(p, "i4", 1.5)) print(failure(p, "I4", 0.1)) print(failure(p, "j", 1 / 0)) print(failure(p, "j", 0 / 0)) print(failure(p, "i4", 1e100)) print(failure(p, "j", "1.5"))
print(failure(p, "c2", "abc")) print(failure(p, "s1", ("x"):rep(256))) print(failure(p, "z", "a\0b"))
print(failure(p, "!3 i4", 1)) print(failure(p, "!4 i3", 1)) print(failure(p, "X")) print(failure(p, "Xz")) print(failure(p, "Xc4")) print(failure(p, "X ")) print(failure(p, "X<")) print(failure(p, "!5 Xi5"))
print(failure(string.packsize)) print(failure(string.packsize, "s")) print(failure(string.packsize, "i4 z")) print(failure(string.packsize, "c2147483640c1000")) print(failure(string.packsize, "q"))
print(pcall(function() return string.pack("i1", 1000) end)) print(pcall(function() return string.pack("i99", 1000) end))
