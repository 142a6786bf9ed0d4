-- For the tests beside this folder: finds the modules of lualib from wherever the test is started, and stands in for mime.core
-- where LuaSocket isn't installed.
local here = arg[0]:match("^(.*)[/\\]") or "."
package.path = here .. "/../../lualib/?.lua;" .. package.path

if not pcall(require, "mime.core") then
	package.loaded["mime.core"] = dofile(here .. "/support/mime_core.lua")
end

local setup = {}

function setup.hex(s)
	return (s:gsub(".", function(c)
		return ("%02x"):format(c:byte())
	end))
end

function setup.unhex(digits)
	return (digits:gsub("%s", ""):gsub("..", function(pair)
		return string.char(tonumber(pair, 16))
	end))
end

-- Returns size bytes, all 256 values among them, different at each position of the mask.
function setup.bytes(size)
	local block = {}
	for i = 0, 256 do
		block[#block + 1] = string.char((i * 7 + 3) % 256)
	end
	block = table.concat(block)
	return block:rep(math.floor(size / #block) + 1):sub(1, size)
end

-- Prints what a call that must fail says, without the position.
function setup.fails(f, ...)
	local ok, err = pcall(f, ...)
	print(ok and "no error" or (tostring(err):gsub("^[^:]+:%d+: ", "")))
end

return setup
