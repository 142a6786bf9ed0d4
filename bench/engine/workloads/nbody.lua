local sqrt = math.sqrt
local days = 365.24
local mass = 4 * math.pi * math.pi
local function body(x, y, z, vx, vy, vz, m)
  return {x = x, y = y, z = z, vx = vx * days, vy = vy * days, vz = vz * days, mass = m * mass}
end
local function system()
  return {
    body(0, 0, 0, 0, 0, 0, 1),
    body(4.8414314424647209, -1.1603200440274284, -0.10362204447112311, 0.001660076642744037, 0.0076990111841974045, -6.9046001697206302e-05, 0.00095479193842432661),
    body(8.3433667182445799, 4.1247985641243048, -0.40352341711432138, -0.0027674251072686241, 0.0049985280123491724, 2.3041729757376393e-05, 0.00028588598066613081),
    body(12.894369562139131, -15.111151401698631, -0.22330757889265573, 0.0029646013756476162, 0.0023784717395948095, -2.9658956854023756e-05, 4.3662440433515629e-05),
    body(15.379697114850917, -25.919314609987964, 0.17925877295037118, 0.0026806777249038932, 0.0016282417003824224, -9.5159225451971587e-05, 5.1513890204661145e-05),
  }
end
local function advance(bodies, n, dt)
  for i = 1, n do
    local bi = bodies[i]
    local x, y, z, m = bi.x, bi.y, bi.z, bi.mass
    local vx, vy, vz = bi.vx, bi.vy, bi.vz
    for j = i + 1, n do
      local bj = bodies[j]
      local dx, dy, dz = x - bj.x, y - bj.y, z - bj.z
      local d2 = dx * dx + dy * dy + dz * dz
      local mag = dt / (d2 * sqrt(d2))
      local bm = bj.mass * mag
      vx, vy, vz = vx - dx * bm, vy - dy * bm, vz - dz * bm
      bm = m * mag
      bj.vx, bj.vy, bj.vz = bj.vx + dx * bm, bj.vy + dy * bm, bj.vz + dz * bm
    end
    bi.vx, bi.vy, bi.vz = vx, vy, vz
    bi.x, bi.y, bi.z = x + dt * vx, y + dt * vy, z + dt * vz
  end
end
return function()
  local bodies = system()
  for _ = 1, 70000 do advance(bodies, #bodies, 0.01) end
  return bodies[1].x
end
