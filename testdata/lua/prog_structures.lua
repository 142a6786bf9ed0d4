-- Heap, linked list, memoize, graph search, matrix, LRU cache.
local Heap = {}
Heap.__index = Heap
function Heap.new() return setmetatable({n = 0}, Heap) end
function Heap:push(v)
  self.n = self.n + 1
  local i = self.n
  self[i] = v
  while i > 1 do
    local p = math.floor(i / 2)
    if self[p] <= self[i] then break end
    self[p], self[i] = self[i], self[p]
    i = p
  end
end
function Heap:pop()
  local v = self[1]
  self[1], self[self.n] = self[self.n], nil
  self.n = self.n - 1
  local i = 1
  while true do
    local l, m = i * 2, i
    if l <= self.n and self[l] < self[m] then m = l end
    if l + 1 <= self.n and self[l + 1] < self[m] then m = l + 1 end
    if m == i then return v end
    self[m], self[i] = self[i], self[m]
    i = m
  end
end
local h = Heap.new()
for _, v in ipairs{5, 3, 8, 1, 9, 2, 7} do h:push(v) end
local r = {}
while h.n > 1 do r[#r + 1] = h:pop() end
print(table.concat(r, " "))
local list
for i = 1, 5 do list = {v = i, next = list} end
local reversed
while list do
  local rest = list.next
  list.next = reversed
  reversed, list = list, rest
end
local o = {}
while reversed do o[#o + 1] = reversed.v reversed = reversed.next end
print(table.concat(o, ">"))
local calls = 0
local function memoize(f) local cache = {} return function(n) local v = cache[n] if v == nil then v = f(n) cache[n] = v end return v end end
local fib
fib = memoize(function(n) calls = calls + 1 return n < 2 and n or fib(n - 1) + fib(n - 2) end)
print(fib(60), calls)
local graph = {a = {"b", "c"}, b = {"d"}, c = {"d", "e"}, d = {"f"}, e = {"f"}, f = {}}
local queue, seen, order = {"a"}, {a = true}, {}
while #queue > 0 do
  local n = table.remove(queue, 1)
  order[#order + 1] = n
  for _, m in ipairs(graph[n]) do if not seen[m] then seen[m] = true queue[#queue + 1] = m end end
end
print(table.concat(order, ","))
local function mul(a, b) local c = {} for i = 1, #a do c[i] = {} for j = 1, #b[1] do local s = 0 for k = 1, #b do s = s + a[i][k] * b[k][j] end c[i][j] = s end end return c end
local m = {{1, 1}, {1, 0}}
local p = {{1, 0}, {0, 1}}
for i = 1, 30 do p = mul(p, m) end
print(p[1][2])
local function lru(size)
  local values, head, tail, n = {}, {}, {}, 0
  head.next, tail.prev = tail, head
  local function unlink(e) e.prev.next, e.next.prev = e.next, e.prev end
  local function front(e) e.next, e.prev = head.next, head head.next.prev = e head.next = e end
  return function(k, v)
    local e = values[k]
    if v == nil then if e then unlink(e) front(e) return e.v end return nil end
    if e then e.v = v unlink(e) else
      e = {k = k, v = v} values[k] = e n = n + 1
      if n > size then local last = tail.prev unlink(last) values[last.k] = nil n = n - 1 end
    end
    front(e)
  end
end
local c = lru(2)
c("a", 1) c("b", 2) print(c("a")) c("c", 3) print(c("b"), c("a"), c("c"))
