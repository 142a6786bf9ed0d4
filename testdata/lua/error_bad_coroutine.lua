-- Wrong arguments of the coroutine functions.
local function e(name, ...) print(name, select(2, pcall(coroutine[name], ...))) end
for _, name in ipairs {"create", "resume", "status", "wrap"} do
  e(name)
  e(name, 1)
  e(name, "x")
  e(name, {})
end
e("create", nil)
e("resume", print)
e("status", print)
e("yield")
e("yield", 1)
print(coroutine.resume(coroutine.running()))
print(coroutine.status(coroutine.running()))
local wrapped = coroutine.wrap(function() end)
wrapped()
print(pcall(wrapped))
print(pcall(coroutine.wrap(function() error {} end)) == false)
