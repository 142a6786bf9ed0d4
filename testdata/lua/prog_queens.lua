-- Eight queens.
local N, count, first = 8, 0
local cols, d1, d2, place = {}, {}, {}, {}
local function put(r)
  if r > N then count = count + 1 first = first or table.concat(place, " ") return end
  for c = 1, N do
    if not cols[c] and not d1[r + c] and not d2[r - c + N] then
      cols[c], d1[r + c], d2[r - c + N], place[r] = true, true, true, c
      put(r + 1)
      cols[c], d1[r + c], d2[r - c + N] = nil
    end
  end
end
put(1) print(count, first)
