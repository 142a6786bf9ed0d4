-- count events, alone and with others; the instructions of the hook itself count
local events
local function note(event, line) events[#events + 1] = event .. (line or "") end
local function show() debug.sethook() print(#events, table.concat(events, " ")) end

events = {}
debug.sethook(note, "", 1)
local x = 1
x = x + 1
show()
events = {}
debug.sethook(note, "l", 1)
for i = 1, 3 do end
show()
events = {}
debug.sethook(note, "l", 3)
local y = x == 1 and 2 or 3
if y == 3 then y = 2 end
while y < 10 do y = y + 1 end
show()
events = {}
debug.sethook(note, "", 2)
for i = 1, 3 do math.sin(1) end
show()
local function f(a, ...) return a == ... end
events = {}
debug.sethook(note, "lcr", 1)
f()
f(1, 2)
show()
for _, count in ipairs{1, 4, 10, 100, 1000, 4000} do
  local n = 0
  debug.sethook(function(event) n = n + 1 end, "", count)
  for i = 1, 1000 do end
  local f, mask, c = debug.gethook()
  debug.sethook()
  print(count, n, mask, c)
end
print(debug.gethook())
