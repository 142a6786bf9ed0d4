-- rankhost demo.lua points.csv

local skynet = require "skynet"
local rank = require "rank"

local file = ...
local board = rank.board "today"

skynet.start(function()
	print(rank.load(board, file) .. " players loaded")
	for _, entry in ipairs(board:top(2)) do
		print(entry.player, entry.points)
	end
	board:watch(function(player, points)
		print(player .. " has " .. points .. " now")
		skynet.exit()
	end)
	board:add("Bob", 31)
end)
