-- Stacks, queues and sets built on tables.
local stack = {} for i = 1, 5 do stack[#stack + 1] = i end
while #stack > 0 do io.write(table.remove(stack), " ") end print(table.remove(stack), #stack)
local queue = {} for i = 1, 5 do table.insert(queue, i) end
while #queue > 0 do io.write(table.remove(queue, 1), " ") end print()
local t = {} for i = 1, 5 do table.insert(t, 1, i) end print(table.concat(t, " "))
table.insert(t, 3, "mid") print(table.concat(t, " "), table.remove(t, 3), table.concat(t, " "))
local function set(t) local s = {} for _, v in ipairs(t) do s[v] = true end return s end
local function keys(s) local r = {} for k in pairs(s) do r[#r + 1] = k end table.sort(r) return table.concat(r, " ") end
local a, b = set {1, 2, 3, 4}, set {3, 4, 5}
local union, both = {}, {} for k in pairs(a) do union[k] = true both[k] = b[k] end for k in pairs(b) do union[k] = true end
print(keys(union), keys(both))
