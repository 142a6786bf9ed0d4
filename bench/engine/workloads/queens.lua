local function ok(a, n, c) for i = 1, n - 1 do local ai = a[i] if ai == c or ai - i == c - n or ai + i == c + n then return false end end return true end
local count
local function add(a, n, size)
  if n > size then count = count + 1 return end
  for c = 1, size do if ok(a, n, c) then a[n] = c add(a, n + 1, size) end end
end
return function() count = 0 add({}, 1, 8) add({}, 1, 8) add({}, 1, 8) return count end
