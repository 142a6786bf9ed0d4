-- luahost only
local function failure(...) return (select(2, pcall(...))) end
local u = string.unpack
print(failure(u)) print(failure(u, "b")) print(failure(u, "b", {})) print(failure(u, {}, "x")) print(failure(u, "b", "x", {})) print(failure(u, "b", "x", 1.5))
print(failure(u, "b", "")) print(failure(u, "i4", "abc")) print(failure(u, "d", "1234567")) print(failure(u, "b b", "x")) print(failure(u, "c4", "abc")) print(failure(u, "x", "")) print(failure(u, "!4 b i4", "abcd"))
print(failure(u, "s1", "")) print(failure(u, "s1", "\4abc")) print(failure(u, "s4", "\255\255\255\255x")) print(failure(u, "s8", ("\255"):rep(8))) print(failure(u, "s16", ("\255"):rep(16)))
print(failure(u, "z", "abc")) print(failure(u, "z", "")) print(failure(u, "z z", "a\0b"))
print(failure(u, "b", "abc", 5)) print(failure(u, "b", "abc", 4)) print(failure(u, "b", "abc", 0)) print(failure(u, "b", "abc", -4)) print(u("b", "abc", -1)) print(u("b", "abc", 3)) print(u("", "abc", 4)) print(failure(u, "", "abc", 5))
print(u("<i16", ("\255"):rep(16)), u("<i16", "\1" .. ("\0"):rep(15)), u(">I16", ("\0"):rep(15) .. "\7"))
print(failure(u, "<i16", ("\255"):rep(8) .. ("\0"):rep(8))) print(failure(u, "<I16", ("\255"):rep(16))) print(failure(u, "<I9", ("\0"):rep(8) .. "\1")) print(failure(u, ">i10", "\1" .. ("\0"):rep(9)))
print(failure(u, "i0", "x")) print(failure(u, "y", "x")) print(failure(u, "c", "x")) print(failure(u, "!3 i4", "xxxxxxxx"))
