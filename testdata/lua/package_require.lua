-- require: preload, files, searchers, results, errors.
package.preload.pre = function(...) print("loading", ...) return {name = ...} end
local m = require "pre" print(m.name, require "pre" == m, package.loaded.pre == m)
package.preload.none = function() end print(require "none", package.loaded.none)
package.preload.no = function() return false end print(require "no", package.loaded.no)
package.preload.own = function(name) package.loaded[name] = "set itself" end print(require "own")
package.preload.bad = function() error("load failed") end print(pcall(require, "bad")) print(package.loaded.bad)
package.preload.two = function() return 1, 2 end print(require "two", (require "two"))
package.cpath = ""
print(pcall(require, "no.such.module"))
local dir = os.tmpname() os.remove(dir) os.execute("mkdir " .. dir .. " " .. dir .. "/sub")
local function write(file, text) local f = assert(io.open(dir .. "/" .. file, "w")) f:write(text) f:close() end
package.path = dir .. "/?.lua;" .. dir .. "/?/init.lua"
write("a.lua", "print('a', ..., select(2, ...):sub(-6)) return {x = 1}") write("sub/b.lua", "local n, file = ... return n .. file:sub(-9)") write("sub/init.lua", "return 'init'") write("syntax.lua", "x = = 1") write("runtime.lua", "local t = nil; t.x = 1") write("bin.lua", string.dump(load("return 'binary', ...")))
print(require("a").x, require("sub.b"), require("sub"), require("bin"))
local function clean(s) return (s:gsub(dir:gsub("%p", "%%%0"), "DIR")) end
local ok, e = pcall(require, "syntax") print(ok, clean(e)) ok, e = pcall(require, "runtime") print(ok, clean(e)) ok, e = pcall(require, "absent") print(ok, clean(e))
print(clean(package.searchpath("sub.b", package.path))) print(package.searchpath("sub.b", "x?y;?z", "")) print(package.searchpath("a.b", "?.x", ".", "_")) print(package.searchpath("a-b", "?.x;./?/?", "-", "+")) print(package.searchpath("x", ""))
print(package.searchpath("a", ";;" .. package.path) ~= nil)
-- searchers
local saved = package.searchers[2]
package.searchers[2] = function(name) if name == "virtual" then return function(...) return {args = {...}} end, "extra" end return "\n\tno virtual '" .. name .. "'" end
local v = require "virtual" print(v.args[1], v.args[2]) print(pcall(require, "other"))
table.insert(package.searchers, 1, function() return nil end) table.insert(package.searchers, 1, function() return 5 end) print(pcall(require, "third"))
package.searchers = nil print(pcall(require, "x")) package.searchers = {} print(pcall(require, "x")) package.searchers = {[1] = function() return "\n\tonly me" end} print(pcall(require, "x"))
package.searchers = package.loaders package.searchers[4] = saved package.path = 5 print(pcall(require, "numpath")) package.path = nil print(pcall(require, "nopath")) package.path = {} print(pcall(require, "nopath"))
package.path = "?.no" package.loaded.forced = "forced" print(require "forced") package.loaded.forced = nil print((pcall(require, "forced")))
print(pcall(function() require() end)) print(require "string" == string, require "_G" == _G, require "package" == package)
os.execute("rm -r " .. dir)
