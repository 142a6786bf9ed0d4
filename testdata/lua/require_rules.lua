-- require, preload, searchers and their messages.
package.path, package.cpath = "./none/?.lua;./none/?/init.lua", "./none/?.so"
print(pcall(require, "a.b")) print(select(2, pcall(require, "plain")))
package.preload["mod.x"] = function(...) print("loading", ...) return {v = 1} end
print(require "mod.x" == require "mod.x", package.loaded["mod.x"].v)
package.preload.none = function() end print(require "none", package.loaded.none) package.preload.no = function() return false end print(require "no", require "no")
package.preload.sets = function(n) package.loaded[n] = "set" end print(require "sets") package.preload.fails = function() error("inside", 0) end print(pcall(require, "fails")) print(package.loaded.fails)
table.insert(package.searchers, 2, function(n) if n == "virtual" then return function(...) print(...) return "V" end, "extra" end return "\n\tno virtual '" .. n .. "'" end)
print(require "virtual") print(pcall(require, "other")) table.remove(package.searchers, 2) print(#package.searchers)
print(package.searchpath("a.b", "./x/?.lua;?.y")) print(package.searchpath("a-b", "?", "-", "+")) print(package.searchpath("a.b", "?;?/?", "")) print(package.config:sub(1, 1), #package.config)
package.loaded["mod.x"] = nil print(require "mod.x".v) package.path = nil print(pcall(require, "q")) package.path = "" package.preload.cycle = function() print(package.loaded.cycle) end require "cycle"
package.searchers = nil print(pcall(require, "q2"))
