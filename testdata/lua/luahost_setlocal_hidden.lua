-- luahost only
-- The hidden variables of a loop, and the table that a constructor fills, may be overwritten by debug.setlocal.
local function overwrite(level, name, kind, v)
  for i = 1, 100 do
    local n, old = debug.getlocal(level, i)
    if not n then return end
    if n == name and type(old) == kind then debug.setlocal(level, i, v) end
  end
end

local function loop(name, v)
  local n = 0
  for i = 1, 10 do
    n = n + 1
    if n > 20 then break end
    overwrite(2, name, "number", v)
    assert(type(i) == "number")
  end
end
for _, name in ipairs{"(for index)", "(for limit)", "(for step)"} do
  for _, v in ipairs{{}, "x", print, loop, coroutine.create(print), true} do
    print(name, type(v), pcall(loop, name, v))
  end
end

local function values(v) overwrite(3, "(*temporary)", "table", v) return 1, 2 end
print(pcall(function() return {1, 2, values(5)} end))
print(pcall(function() return {1, 2, values(print)} end))
