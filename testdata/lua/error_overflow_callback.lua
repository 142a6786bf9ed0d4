-- A stack that is full when a library function calls back.
local vars = {}
for i = 1, 190 do vars[i] = "v" .. i end
local wide = load("local " .. table.concat(vars, ",") .. " = 1 return nil")
local calls = 0
local function deep(n)
  calls = calls + 1
  string.gsub("x", "x", wide)
  return 1 + deep(n + 1)
end
for i = 1, 3 do
  calls = 0
  local ok, m = pcall(deep, 1)
  print(ok, m:match("stack overflow"), calls > 10000)
end
local function narrow(n) string.gsub("x", "x", wide) if n == 0 then return 0 end return 1 + narrow(n - 1) end
print(narrow(1000))
