-- luahost only
-- Nils between values keep their places.
print(#table.pack(1, nil, 3), #table.pack(nil, 2), #table.pack(1, nil), table.pack(1, nil).n, table.pack(nil, nil, nil).n)
print(table.unpack(table.pack(nil, nil, 3)))
print(pcall(table.unpack, {}, 1, 2 ^ 31))
print(pcall(table.unpack, {}, 1, 2 ^ 40))
print(pcall(table.unpack, {}, -2 ^ 62, 2 ^ 62))
