local function failure(...) return (select(2, pcall(...))) end
print(table.maxn {}, table.maxn { 1, 2, 3 }, table.maxn { [10] = 1, [3.5] = 2 }, table.maxn { [-1] = 1 }, table.maxn { x = 1, [1e10] = 1 })
print(table.maxn { nil, nil, 3 }, table.maxn { [0.5] = 1 }, table.maxn { ["100"] = 1, 1 }, table.maxn { [1 / 0] = 1 })
print(failure(table.maxn)) print(failure(table.maxn, 1))
