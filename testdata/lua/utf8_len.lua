-- luahost only
local function failure(...) return (select(2, pcall(...))) end
print(utf8.len(""), utf8.len("abc"), utf8.len("aé€😀"), utf8.len("aé€😀", 2), utf8.len("aé€😀", 4, 6), utf8.len("aé€😀", -4), utf8.len("abc", 4), utf8.len("abc", 3, 2), utf8.len("abc", 1, -2), utf8.len("abc", 1, 0))
print(utf8.len("\xff")) print(utf8.len("ab\x80")) print(utf8.len("é", 2)) print(utf8.len("\xc3")) print(utf8.len("\xe2\x82")) print(utf8.len("\xf0\x9f\x98")) print(utf8.len("\xc0\x80")) print(utf8.len("\xe0\x80\x80")) print(utf8.len("\xf0\x80\x80\x80")) print(utf8.len("\xf4\x90\x80\x80")) print(utf8.len("\xf8\x88\x80\x80\x80")) print(utf8.len("x\xed\xa0\x80")) print(utf8.len("a\0b"))
print(failure(utf8.len)) print(failure(utf8.len, {})) print(failure(utf8.len, "abc", 5)) print(failure(utf8.len, "abc", 0)) print(failure(utf8.len, "abc", -4)) print(failure(utf8.len, "abc", 1, 4)) print(failure(utf8.len, "abc", "x")) print(failure(utf8.len, "abc", 1, 1.5))
