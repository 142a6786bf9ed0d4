-- The comparisons that a program sees, and in which order.
local function trace(t)
  local log = {}
  table.sort(t, function(a, b) log[#log + 1] = a .. (a < b and "<" or ">") .. b return a < b end)
  print(#log, table.concat(log, " "))
  print(table.concat(t, " "))
end
trace { 2, 1 } trace { 1, 2, 3 } trace { 3, 2, 1 } trace { 2, 3, 1 }
trace { 5, 4, 3, 2, 1 } trace { 1, 2, 3, 4, 5, 6, 7 } trace { 4, 4, 4, 4, 4 } trace { 9, 1, 8, 2, 7, 3, 6, 4, 5 }
trace { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9 }
