local skynet = require "skynet"

skynet.start(function()
	skynet.sleep(2)
end)
