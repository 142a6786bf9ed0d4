-- The text of debug.traceback.
local function leaf(m, level) return (debug.traceback(m, level)) end
local function branch(...) local s = leaf(...) return s end
function root(...) local s = branch(...) return s end
local function cut(s) return (s:gsub("\n\t%[C%]: in %?.*", "")) end
print(cut(root("message")))
print(cut(root("level 1", 1)))
print(cut(root("level 2", 2)))
print(cut(root("level 3", 3)))
print(cut(root()))
print(cut(root("")))
print(cut(root(15)))
local t = {}
function t.field() local s = root("field") return s end
function t:method() local s = t.field() return s end
print(cut(t:method()))
print((cut(select(2, pcall(t.field)))))
print((cut(select(2, pcall(function() return (t.field()) end)))))
print(root({}) ~= nil, root(nil) ~= nil, type(root(print)))
local results
table.sort({1, 2}, function(a, b) results = root("sort") return a < b end)
print(cut(results))
string.gsub("a", "a", function() results = root("gsub") end)
print(cut(results))
