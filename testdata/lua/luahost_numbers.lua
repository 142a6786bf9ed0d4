-- luahost only: integral values up to 2^53 print as integers
print(1e14, 1e15, 2^53, -2^53, 2^53 + 2, 1e16, 123456789012345, 9007199254740993)
print(tostring(2^53), 2^53 .. "", string.format("%s", 1e15))
print(1e15 + 0.5, 1e14 / 3, -0.0, 0.0)
