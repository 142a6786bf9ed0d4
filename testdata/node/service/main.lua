-- Runs the cases, one service each, and ends the process.
local skynet = require "skynet"
require "skynet.manager"

local CASES = {
	"case_handles", "case_order", "case_errors", "case_arguments", "case_request", "case_names", "case_snax", "case_gate", "case_socket", "case_udp",
	"case_http", "case_datacenter", "case_multicast", "case_queue", "case_coroutine", "case_service", "case_crypt", "case_share",
	"case_login", "case_debug", "case_channel", "case_cluster", "case_manager",
}

-- The cases to leave out, as "udp gate".
local skipped = {}
for name in (os.getenv "NODE_SKIP" or ""):gmatch "%S+" do
	skipped["case_" .. name] = true
end

local function run(name)
	if skipped[name] then
		print("SKIP " .. name:sub(6))
		return true
	end
	local service = skynet.newservice(name)
	local ok, err = skynet.call(service, "lua", "run")
	if ok then
		print("PASS " .. name:sub(6))
	else
		print("FAIL " .. name:sub(6) .. ": " .. tostring(err))
	end
	skynet.kill(service)
	return ok
end

skynet.start(function()
	local failed = 0
	for _, name in ipairs(CASES) do
		local ok, result = pcall(run, name)
		if not ok then
			print("FAIL " .. name:sub(6) .. ": " .. tostring(result))
		end
		if not (ok and result) then
			failed = failed + 1
		end
	end
	if failed > 0 then
		print(failed .. " cases failed")
		os.exit(1)
	end
	print "PASS all"
	skynet.abort()
	print "PASS abort" -- the running coroutine goes on
end)
