-- Control values of a numeric for loop.
local function e(text)
  print(text, select(2, pcall(load(text, "=loop"))))
end
e "for i = 'x', 1 do end"
e "for i = nil, 1 do end"
e "for i = {}, 1 do end"
e "for i = 1, 'x' do end"
e "for i = 1, nil do end"
e "for i = 1, {} do end"
e "for i = 1, 2, 'x' do end"
e "for i = 1, 2, nil do end"
e "for i = 1, 2, print do end"
e "for i = 'x', 'y', 'z' do end"
e "for i = 1, 'y', 'z' do end"
e "for k in nil do end"
e "for k in 1 do end"
e "for k in {} do end"
e "for k in 'x' do end"
e "for k, v in pairs(nil) do end"
e "for k, v in ipairs() do end"
e "for k, v in next, nil do end"
e "for k, v in next, {}, 1 do end"
local n = 0
for i = "1", "10", "3" do n = n + i end
print(n)
for i = 1, 3, 0 do print "never" end
for i = 3, 1, 0 do n = n + 1 if n > 25 then break end end
print(n)
for i = 1, 0/0 do print "never" end
