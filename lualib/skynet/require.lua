-- What skynet's loader takes from this module: require and init are those of all services here.
local skynet = require "skynet"

return { require = require, init = skynet.init, init_all = function() end }
