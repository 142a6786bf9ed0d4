-- An error gives back a large stack, but never a part that a function below the error still needs: this main chunk has
-- far more registers than the calls above it.
local function wide(...) return select("#", ...) end
local function large() return wide(string.byte(("x"):rep(200000), 1, -1)) end

print(pcall(large))
print(pcall(error, "one"))
local t = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y",
  "z", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", ("Q"):rep(3)}
print(#t, t[43], table.concat(t))

local function f(n)
  if n == 0 then
    large()
    error("two", 0)
  end
  local a, b, c, d, e, g, h, i, j, k = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
  local ok, message = pcall(f, n - 1)
  return {a, b, c, d, e, g, h, i, j, k, ("x"):rep(n), ok, message}
end
local r = f(40)
local depth = 0
while type(r) == "table" do
  depth = depth + 1
  assert(#r[11] == 41 - depth and r[10] == 10)
  r = r[13]
end
print(depth, r)

-- in a coroutine, and with a handler
local co = coroutine.wrap(function()
  for i = 1, 3 do
    large()
    print(xpcall(error, function(m) return m .. "!" end, "three"))
    local s = {("y"):rep(1), ("y"):rep(2), ("y"):rep(3), ("y"):rep(4), ("y"):rep(5), ("y"):rep(6), ("y"):rep(7), ("y"):rep(8)}
    coroutine.yield(table.concat(s, ","))
  end
end)
print(co()) print(co()) print(co())
