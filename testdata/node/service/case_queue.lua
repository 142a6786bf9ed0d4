local skynet = require "skynet"
local queue = require "skynet.queue"
local check = require "check"
local case = require "case"

case(function()
	local lock, seen = queue(), {}
	for i = 1, 3 do
		skynet.fork(function()
			lock(function()
				seen[#seen + 1] = "begin" .. i
				skynet.sleep(3 - i)
				lock(function() seen[#seen + 1] = "inner" .. i end)
				seen[#seen + 1] = "end" .. i
			end)
		end)
	end
	check.comes(function() return #seen == 9 end)
	check.equal(table.concat(seen, " "), "begin1 inner1 end1 begin2 inner2 end2 begin3 inner3 end3")
	check.equal({ lock(function(...) return ... end, 1, 2) }, { 1, 2 })
	check.raises("as asked", lock, function() error "as asked" end)
	check.equal(lock(function() return "free" end), "free")
end)
