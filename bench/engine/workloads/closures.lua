return function()
  local n = 0
  for i = 1, 1000000 do
    local x = i
    local f = function(y) x = x + y return x end
    n = n + f(1) + f(2)
  end
  return n
end
