-- Tail calls leave a mark in tracebacks.
local function trace() return (debug.traceback("t")) end
local function cut(s) return (s:gsub("\n\t%[C%]: in %?.*", "")) end
local function one() return trace() end
local function two() return one() end
print(cut(two()))
local function not_tail() local s = two() return s end
print(cut(not_tail()))
print(cut((function() return trace() end)()))
local t = setmetatable({}, {__call = function(self) return trace() end})
print(cut(t()))
local function loop(n) if n == 0 then return trace() end return loop(n - 1) end
print(cut(loop(1000)))
print(pcall(function() return error("tail error") end))
print(pcall(function() return error("tail error", 2) end))
