-- module and package.seeall, as in Lua 5.1.
local real_print = print
do
  local function define()
    module("mod.sub", package.seeall)
    function hello() return "hello from " .. _NAME end
    value = 5
    print(_NAME, _PACKAGE, _M == mod.sub)
  end
  define()
end
print(mod.sub.hello(), mod.sub.value, package.loaded["mod.sub"] == mod.sub, require "mod.sub" == mod.sub, mod.value)
local chunk = load([[
  local m = ...
  local print = print
  module("plain")
  x = 1
  function f() return x end
  print(x, _M._NAME)
  return _M
]])
chunk() print(plain.x, plain.f(), plain._PACKAGE == "", plain.print)
load("module('plain') y = 2")() print(plain.x, plain.y)
_G.conflict = 5 print(pcall(load("module('conflict.sub')"))) print(pcall(module, "from.c"))
load("module('opts', function(m) m.opt = 'set by option' end, package.seeall) z = opt")() print(opts.z)
print(pcall(function() package.seeall(1) end), package.seeall({}) == nil)
