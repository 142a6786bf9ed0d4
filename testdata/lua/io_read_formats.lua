-- Read formats on a temporary file.
local name = os.tmpname() local function put(s) local f = io.open(name, "wb") f:write(s) f:close() end
local function get(...) local f = io.open(name, "rb") local r = table.pack(f:read(...)) f:close() for i = 1, r.n do r[i] = ("%q"):format(tostring(r[i])) end print(r.n, table.concat(r, " ")) end
put "one\ntwo\n\nlast" get() get "*l" get "*L" get("*l", "*l", "*l", "*l", "*l") get("*L", "*L", "*L", "*L", "*L") get "*a" get("*a", "*a") get("*a", "*l") get(0) get(3) get(3, 1, 3) get(100) get(100, 1) get(100, 0)
put "" get() get "*a" get(0) get(1) get "*n" get("*L")
put "12 0x1F -3.5e1 .5 7.x 9" get("*n", "*n", "*n", "*n", "*n") put "12abc" get("*n", 3) put " \n 5\n6" get("*n", "*n", "*n") put "x" get("*n", "*l")
put "a b\nc\r\nd" get("*l", "*l", "*l") get(3, "*a")
local f = io.open(name, "rb") for a, b in f:lines(1, 2) do io.write(("%q "):format(a .. "|" .. tostring(b))) end print() print(io.type(f)) f:close()
for l in io.lines(name, "*L") do io.write(("%q "):format(l)) end print() for n in io.lines(name, 2) do io.write(("%q "):format(n)) end print() print(os.remove(name), (io.open(name)))
