-- What debug.getinfo tells of functions.
local function f(a, b, ...)
  local x = a
  return debug.getinfo(1, "nSlutf")
end
local i = f(1, 2)
print(i.what, i.source, i.short_src, i.linedefined, i.lastlinedefined, i.currentline)
print(i.nups, i.nparams, i.isvararg, i.istailcall, i.func == f, i.namewhat, i.name)
i = debug.getinfo(print) print(i.what, i.source, i.short_src, i.linedefined, i.lastlinedefined, i.currentline, i.nparams, i.isvararg)
i = debug.getinfo(load "return 1") print(i.what, i.source, i.short_src, i.linedefined, i.isvararg)
i = debug.getinfo(load("return 1", "=named"), "S") print(i.source, i.short_src, i.nups)
i = debug.getinfo(1, "lS") print(i.what, i.currentline)
local lines = {} for l in pairs(debug.getinfo(f, "L").activelines) do lines[#lines + 1] = l end table.sort(lines) print(table.concat(lines, " "))
print(debug.getinfo(f, "u").name, debug.getinfo(100), (pcall(debug.getinfo, 1, "X")))
local t = {m = function() return debug.getinfo(1, "n") end} i = t.m() print(i.name, i.namewhat) i = t:m() print(i.name, i.namewhat)
print(debug.getlocal(f, 1), debug.getlocal(f, 2), debug.getlocal(f, 3))
