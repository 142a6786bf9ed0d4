-- os.remove, rename, tmpname, getenv.
local a, b = os.tmpname(), os.tmpname()
print(a ~= b, io.open(a) ~= nil)
io.open(a, "w"):write("content"):close()
print(os.remove(b)) print(os.rename(a, b)) print(io.open(b):read("*a"), (io.open(a)))
print(os.rename("/no/such/a", "/no/such/b")) print(select("#", os.remove(b))) print(os.remove("/no/such/file"))
print(pcall(function() os.remove() end)) print(pcall(function() os.rename("x") end))
print(os.getenv("NO_SUCH_VARIABLE_AT_ALL"), type(os.getenv("PATH")), pcall(function() os.getenv() end))
print(pcall(function() os.exit({}) end))
