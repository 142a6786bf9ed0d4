io.stdout:setvbuf"no"
local A = 1
local t0=os.clock()
local x = {[1]={}}
setmetatable(x, {__mode='kv'})
local n = 0
while x[1] do local a = A..A..A..A; A = A+1 end
print(A, os.clock()-t0)
