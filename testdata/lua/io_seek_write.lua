-- Seeking, writing in place, append mode, chains, closed files.
local name = os.tmpname() local f = assert(io.open(name, "w+b"))
print(f:write("hello", " ", "world", 1, 2.5) == f, f:seek(), f:seek("set"), f:read(5), f:seek("cur"), f:seek("cur", -2), f:read(2), f:seek("end"), f:seek("end", -3), f:read "*a", f:read "*a", f:read(1))
print(f:seek("set", 6) and f:write "W" == f, f:seek "set", f:read "*a") print(pcall(f.seek, f, "set", -1)) print(f:seek("set", -1)) print(f:seek("set", 100), f:read(1), f:seek "end")
f:seek("set", 20) f:write "!" f:seek "set" print(#f:read "*a") f:close() print(io.type(f), tostring(f), pcall(f.read, f))
f = io.open(name, "a") f:write "end" f:close() f = io.open(name) print(f:seek "end") f:seek("set", 21) print(f:read "*a") print(f:write "x" == nil or "error") f:close()
print(pcall(function() f:seek() end)) print((pcall(io.lines, name .. ".none"))) f = io.open(name) print(f:setvbuf "no", f:setvbuf("full", 1024), f:setvbuf "line", f:flush() == f) f:close()
io.output(name) io.write("a", "b"):write "c" io.close() io.output(io.stdout) io.input(name) print(io.read "*a", io.read(1), io.input() ~= io.stdin) io.close(io.input()) print(pcall(io.read)) io.input(io.stdin)
f = io.open(name) local lines = f:lines() print(lines()) f:close() print(pcall(lines)) print(os.rename(name, name .. "2"), os.remove(name .. "2"), (select(3, os.remove(name))))
