-- Values passed by resume and yield.
local co = coroutine.create(function(...)
  print("start", ...) print("got", coroutine.yield()) print("got", coroutine.yield(1)) print("got", coroutine.yield(nil, nil))
  print("got", (coroutine.yield(1, 2, 3))) return "a", nil, "z"
end)
print(coroutine.resume(co, 1, nil)) print(coroutine.resume(co)) print(coroutine.resume(co, "x")) print(coroutine.resume(co, "y", "z"))
print(coroutine.resume(co, "p", "q")) print(coroutine.resume(co))
local w = coroutine.wrap(function(...) local n = select("#", ...) while true do n = n + select("#", coroutine.yield(n)) end end)
print(w(), w(1), w(nil, nil), w(1, 2, 3))
print(coroutine.wrap(coroutine.yield)(1, 2)) print(coroutine.wrap(print)("direct")) print(coroutine.wrap(select)("#", 1, nil))
print(coroutine.wrap(pcall)(coroutine.yield, "through pcall"))
local y = coroutine.wrap(pcall) print(y(coroutine.yield, 1)) print(y("back", nil))
