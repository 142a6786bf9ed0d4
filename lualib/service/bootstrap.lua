-- Starts a node's own services, and then the one that the setting start names.
local skynet = require "skynet"
require "skynet.manager"

local function start(name)
	local ok, handle = pcall(skynet.newservice, name)
	if not ok then
		skynet.abort()
	end
	return handle
end

skynet.start(function()
	local launcher = assert(skynet.launch("snlua", "launcher"))
	skynet.name(".launcher", launcher)

	local standalone = skynet.getenv "standalone"
	local harbor = tonumber(skynet.getenv "harbor" or 0)
	if harbor == 0 then
		assert(standalone == nil, "a node of harbor 0 is alone: leave out the setting standalone")
		standalone = true
		skynet.setenv("standalone", "true")
		skynet.name(".cslave", start "cdummy")
	else
		if standalone then
			start "cmaster"
		end
		skynet.name(".cslave", start "cslave")
	end
	if standalone then
		skynet.name("DATACENTER", skynet.newservice "datacenterd")
	end
	skynet.newservice "service_mgr"
	pcall(skynet.newservice, skynet.getenv "start" or "main")
	skynet.exit()
end)
