-- luahost only
-- Integral values up to 2^53 print all their digits.
print(2 ^ 53, -2 ^ 53, 2 ^ 53 + 2, 1e14, 1e15, 123456789012345, 1e16, 0.1 + 0.2, 100, -0.0, 1e100)
print(table.concat({ 1e14, 1e15, 2 ^ 53 }, " "), ("%s"):format(1e15), tostring(1e15), 1e15 .. "", ("x"):rep(3, 1e15))
print(string.len(1e15), #tostring(2 ^ 53), ("1e15" + 0) .. "", tostring(2 ^ 63), tostring(-2 ^ 63))
