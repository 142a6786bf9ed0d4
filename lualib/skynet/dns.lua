-- Looks up names by a name server of the script's choice. The system's file of hosts comes first.
local core = require "skynet.dns.core"

local dns = {}

dns.DEFAULT_PORT = 53

local current = "" -- "host:port"; empty for the system's

-- Has names looked up by a name server; by the system's again without arguments.
function dns.server(server, port)
	if not server then
		current = ""
	elseif server:find(":", 1, true) then
		current = ("[%s]:%d"):format(server, port or dns.DEFAULT_PORT)
	else
		current = ("%s:%d"):format(server, port or dns.DEFAULT_PORT)
	end
end

-- Returns an address of a host, and the list of all. It is an error when there is none.
function dns.resolve(name, ipv6)
	assert(type(name) == "string" and #name <= 255 and name:find "^[%w_.:%-]+$", "illegal name")
	local addresses = core.lookup(current, name:lower(), ipv6 and true or false)
	return addresses[1], addresses
end

-- Nothing is kept here that could be flushed.
function dns.flush() end

return dns
