return function()
  local n, sum = 160, 0
  for y = 0, n - 1 do
    local ci = 2 * y / n - 1
    for x = 0, n - 1 do
      local cr, zr, zi, k = 2 * x / n - 1.5, 0, 0, 0
      while k < 50 and zr * zr + zi * zi < 4 do
        zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
        k = k + 1
      end
      sum = sum + k
    end
  end
  return sum
end
