local function failure(...) return (select(2, pcall(...))) end
for i = 1, 1000 do
  local r = math.random() assert(0 <= r and r < 1)
  r = math.random(6) assert(r >= 1 and r <= 6 and r % 1 == 0)
  r = math.random(-3, 3) assert(r >= -3 and r <= 3 and r % 1 == 0)
  assert(math.random(1) == 1 and math.random(5, 5) == 5)
  r = math.random(2 ^ 40) assert(r >= 1 and r <= 2 ^ 40)
  r = math.random(0.5, 2) assert(r >= 0.5 and r < 3)
end
local function draw(seed) math.randomseed(seed) local t = {} for i = 1, 10 do t[i] = math.random(1000) end return table.concat(t, " ") end
print(draw(42) == draw(42), draw(1) ~= draw(2), draw("7") == draw(7))
local seen, n = {}, 0
for i = 1, 2000 do local r = math.random(10) if not seen[r] then seen[r] = true n = n + 1 end end
print(n)
print(failure(math.random, 0)) print(failure(math.random, 0.5)) print(failure(math.random, -1)) print(failure(math.random, 2, 1)) print(failure(math.random, 1, 2, 3))
print(failure(math.random, "x")) print(failure(math.random, 1, {})) print(failure(math.randomseed)) print(failure(math.randomseed, "x")) print(failure(math.random, {}))
