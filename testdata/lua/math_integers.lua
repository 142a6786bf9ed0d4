-- luahost only
local function failure(...) return (select(2, pcall(...))) end
print(math.type(1), math.type(1.5), math.type(-3), math.type(1 / 0), math.type(0 / 0), math.type("1"), math.type(nil), math.type({}), math.type(2 ^ 53), math.type(2 ^ 60))
print(math.tointeger(3), math.tointeger(-3), math.tointeger(3.5), math.tointeger("8"), math.tointeger("x"), math.tointeger({}), math.tointeger(1 / 0), math.tointeger(0 / 0), math.tointeger(2 ^ 53), math.tointeger(-0.0))
print(math.ult(1, 2), math.ult(2, 1), math.ult(-1, 1), math.ult(1, -1), math.ult(-2, -1), math.ult(0, 0))
print(math.maxinteger > 2 ^ 62, math.mininteger == -2 ^ 63, math.maxinteger < 2 ^ 63, math.tointeger(math.maxinteger) == math.maxinteger, math.tointeger(math.mininteger) == math.mininteger, math.ult(math.maxinteger, math.mininteger))
print(failure(math.type)) print(failure(math.tointeger)) print(failure(math.ult)) print(failure(math.ult, 1)) print(failure(math.ult, 1.5, 1)) print(failure(math.ult, 1, "x")) print(failure(math.ult, 1, 1 / 0)) print(failure(math.ult, {}, 1))
