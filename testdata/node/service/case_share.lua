local skynet = require "skynet"
local sharedata = require "skynet.sharedata"
local sharetable = require "skynet.sharetable"
local datasheet = require "skynet.datasheet"
local builder = require "skynet.datasheet.builder"
local stm = require "skynet.stm"
local sproto = require "sproto"
local sprotoloader = require "sprotoloader"
local sprotoparser = require "sprotoparser"
local check = require "check"
local case = require "case"

local function copy(t)
	local c = {}
	for k, v in pairs(t) do
		c[k] = type(v) == "table" and copy(v) or v
	end
	return c
end

case(function()
	sharedata.new("data", { a = 1, list = { 1, 2, { deep = true } }, [true] = "yes" })
	local data = sharedata.query "data"
	local list = data.list
	check.equal(copy(data), { a = 1, list = { 1, 2, { deep = true } }, [true] = "yes" })
	check.equal({ #list, list[3].deep, type(data) }, { 3, true, "table" })
	check.raises("can't be written", function() data.a = 2 end)
	sharedata.update("data", "return { a = ..., list = { 9 } }", 2)
	check.equal({ data.a, #list, list[1] }, { 2, 1, 9 })
	check.equal(sharedata.deepcopy("data", "list", 1), 9)
	local sum = 0
	for _, v in ipairs(list) do sum = sum + v end
	check.equal(sum, 9)
	check.raises("call failed", sharedata.new, "data", {})
	sharedata.new("parts", { part = { 1 } })
	local part = sharedata.query("parts").part
	sharedata.update("parts", {})
	sharedata.update("parts", { part = { 2 } })
	check.raises("The key [.part] doesn't exist after update", function() return part[1] end)
	check.equal(sharedata.query("parts").part[1], 2)
	sharedata.delete "data"
	check.equal(data.a, 2) -- what one holds stays
	check.raises("call failed", sharedata.query, "data")

	sharetable.loadstring("table", "return { x = { y = ... } }", 5)
	local t = sharetable.query "table"
	local x = t.x
	check.equal(t, { x = { y = 5 } })
	sharetable.loadtable("table", { x = { y = 6 }, z = 1 })
	sharetable.update "table"
	check.equal({ t, x.y }, { { x = { y = 6 }, z = 1 }, 6 })
	check.equal(sharetable.query "nothing", nil)

	builder.new("sheet", { k = { 1 } })
	local sheet = datasheet.query "sheet"
	builder.update("sheet", builder.compile { k = { 2 } })
	check.equal(sheet.k[1], 2)

	local object = stm.new(skynet.pack(1, 2))
	local reader = stm.newcopy(stm.copy(object))
	check.equal({ reader(skynet.unpack) }, { true, 1, 2 })
	check.equal({ reader(skynet.unpack) }, { false })
	object(skynet.pack "new")
	check.equal({ reader(skynet.unpack) }, { true, "new" })

	local schema = [[
		.package { type 0 : integer session 1 : integer }
		foo 1 { request { what 0 : string } response { ok 0 : boolean } }
		bar 2 { response nil }
	]]
	sprotoloader.save(sprotoparser.parse(schema), 3)
	local server = sprotoloader.load(3):host "package"
	local client = sproto.parse(schema):host()
	local request = client:attach(sproto.parse(schema))
	local kind, name, args, respond = server:dispatch(request("foo", { what = "x" }, 1))
	check.equal({ kind, name, args }, { "REQUEST", "foo", { what = "x" } })
	check.equal({ client:dispatch(respond { ok = true }) }, { "RESPONSE", 1, { ok = true } })
	kind, name, args, respond = server:dispatch(request("bar", nil, 2))
	check.equal({ kind, name, args }, { "REQUEST", "bar" })
	check.equal({ client:dispatch(respond()) }, { "RESPONSE", 2 })
	check.equal(select(4, server:dispatch(request("foo", { what = "y" }))), nil)
	check.raises("baz not found", request, "baz")
end)
