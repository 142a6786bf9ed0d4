-- Wrong arguments of bit32.
local function e(name, ...) print(name, select(2, pcall(bit32[name], ...))) end
for _, name in ipairs {"arshift", "bnot", "extract", "lrotate", "lshift", "replace", "rrotate", "rshift"} do
  e(name)
  e(name, "x")
  e(name, {}, 1)
  if name ~= "bnot" then
    e(name, 1)
    e(name, 1, "x")
    e(name, 1, {})
  end
end
e("band", 1, "x")
e("bor", nil)
e("bxor", 1, 2, {})
e("btest", true)
e("extract", 1, 32)
e("extract", 1, -1)
e("extract", 1, 0, 0)
e("extract", 1, 0, 33)
e("extract", 1, 31, 2)
e("replace", 1, 1, 32)
e("replace", 1, 1, -1)
e("replace", 1, 1, 0, 0)
e("replace", 1, 1, 30, 3)
