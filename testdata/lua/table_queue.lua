-- A queue and a stack made of insert and remove, against plain indexing.
local queue, first, last, out = {}, 1, 0, {}
local list = {}
local x = 7
for i = 1, 500 do
  x = (x * 1103 + 12345) % 65536
  if x % 3 > 0 or #list == 0 then
    table.insert(list, x) last = last + 1 queue[last] = x
  else
    local a, b = table.remove(list, 1), queue[first]
    queue[first] = nil first = first + 1
    assert(a == b) out[#out + 1] = a % 10
  end
end
print(#list, last - first + 1, #out, table.concat(out):sub(1, 40))
local stack = {}
for i = 1, 100 do table.insert(stack, i) if i % 3 == 0 then table.remove(stack) end end
print(#stack, table.concat(stack, ","))
