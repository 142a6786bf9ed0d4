local skynet = require "skynet"
local check = require "check"
local case = require "case"

local function given(...)
	return { skynet.call(skynet.newservice("echo", ...), "lua", "args") }
end

case(function()
	check.equal(given("one", 2, 1.5), { "one", "2", "1.5" })
	check.equal(given("two three"), { "two", "three" })
	check.equal(given(nil, "x"), {})
	local golden = "01146162160a010a020c6b090042000000000000f83f0022fbffffff2270110100"
	local packed = skynet.packstring(1, "ab", { 1, 2, k = true }, 1.5, nil, -5, 70000)
	check.equal((packed:gsub(".", function(c) return ("%02x"):format(c:byte()) end)), "0a" .. golden)
	check.equal({ skynet.unpack(packed) }, { 1, "ab", { 1, 2, k = true }, 1.5, nil, -5, 70000 })
end)
