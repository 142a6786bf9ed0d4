-- Starts the services whose names are typed: "name args" or "snax name args".
local skynet = require "skynet"
local snax = require "skynet.snax"
local socket = require "skynet.socket"

local function words(line)
	local list = {}
	for word in line:gmatch "%S+" do
		list[#list + 1] = word
	end
	return list
end

local function run(list)
	local name = list[1]
	if name == "snax" then
		snax.newservice(select(2, table.unpack(list)))
	elseif name then
		skynet.newservice(table.unpack(list))
	end
end

skynet.start(function()
	skynet.fork(function()
		local stdin = socket.stdin()
		while true do
			local line, rest = socket.readline(stdin, "\n")
			local list = words(line or rest or "")
			if list[1] then
				local ok = pcall(run, list)
				if not ok then
					print("Invalid command:", table.concat(list, " "))
				end
			end
			if not line then
				break
			end
		end
		socket.close(stdin)
	end)
end)
