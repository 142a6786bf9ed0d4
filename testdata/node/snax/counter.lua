local skynet = require "skynet"
local snax = require "skynet.snax"

local count

function init(n)
	count = tonumber(n)
	assert(SERVICE_NAME == "counter" and snax.self().type == "counter")
end

function exit(word)
	assert(word == nil or word == "bye")
end

function accept.add(n)
	count = count + n
end

function response.get()
	skynet.sleep(1)
	return count
end

function response.fail()
	error "as asked"
end
