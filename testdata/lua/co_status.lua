-- The status of coroutines in each state, seen from each place.
local outer, inner
inner = coroutine.create(function()
  print("inner sees", coroutine.status(outer), coroutine.status(inner))
  print(coroutine.resume(outer)) print(coroutine.resume(inner))
  coroutine.yield() error "end"
end)
outer = coroutine.create(function()
  print("before", coroutine.status(inner)) coroutine.resume(inner) print("after yield", coroutine.status(inner))
  print(coroutine.resume(inner)) print("after error", coroutine.status(inner)) print(coroutine.resume(inner))
end)
print(coroutine.status(outer)) coroutine.resume(outer) print(coroutine.status(outer)) print(coroutine.resume(outer))
local main, is = coroutine.running() print(type(main), is, coroutine.status(main))
local co co = coroutine.create(function() local c, m = coroutine.running() print(c == co, m, coroutine.status(main)) end) coroutine.resume(co)
