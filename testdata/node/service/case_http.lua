local skynet = require "skynet"
local socket = require "skynet.socket"
local httpd = require "http.httpd"
local httpc = require "http.httpc"
local sockethelper = require "http.sockethelper"
local urllib = require "http.url"
local check = require "check"
local case = require "case"

local function answer(fd)
	local code, url, method, header, body = httpd.read_request(sockethelper.readfunc(fd), 8192)
	if not code then
		return
	elseif code ~= 200 then
		httpd.write_response(sockethelper.writefunc(fd), code)
		return
	end
	local path, query = urllib.parse(url)
	if path == "/chunks" then
		local n = 0
		httpd.write_response(sockethelper.writefunc(fd), 200, function()
			n = n + 1
			return n <= 3 and ("part" .. n) or nil
		end)
		return
	end
	local q = query ~= "" and urllib.parse_query(query) or {}
	httpd.write_response(sockethelper.writefunc(fd), 200, ("%s %s %s %s"):format(method, path, tostring(q.k), body),
		{ ["x-echo"] = header["x-ask"] })
end

case(function()
	local listener, _, port = socket.listen("127.0.0.1", 0)
	socket.start(listener, function(fd)
		socket.start(fd)
		answer(fd)
		socket.close(fd)
	end)
	local host = "127.0.0.1:" .. port
	local header = {}
	check.equal({ httpc.get(host, "/a%20b?k=v+w%21", header, { ["x-ask"] = "yes" }) }, { 200, "GET /a b v w! " })
	check.equal(header["x-echo"], "yes")
	check.equal({ httpc.get("http://" .. host, "/chunks") }, { 200, "part1part2part3" })
	check.equal({ httpc.post(host, "/form", { k = "a b&c" }) }, { 200, "POST /form nil k=a%20b%26c" })
	check.equal({ httpc.request("PUT", host, "/big", nil, nil, ("x"):rep(9000)) }, { 413, "" })
	check.equal({ httpc.request("PUT", host, "/body", nil, { ["transfer-encoding"] = "chunked", ["content-length"] = 1 }, "0") }, { 400, "" })
	local stream = httpc.request_stream("GET", host, "/chunks")
	local parts = {}
	for part in stream do
		parts[#parts + 1] = part
	end
	check.equal(parts, { "part1", "part2", "part3" })
	for request, status in pairs {
		["GET / HTTP/2.0\r\n\r\n"] = "505",
		["nonsense\r\n\r\n"] = "400",
		["GET / HTTP/1.1\r\nno colon\r\n\r\n"] = "400",
		["GET / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n"] = "501",
		["GET / HTTP/1.1\r\nx: " .. ("y"):rep(9000) .. "\r\n"] = "413",
	} do
		local fd = assert(socket.open("127.0.0.1", port))
		socket.write(fd, request)
		check.equal(socket.readall(fd):match "^HTTP/1.1 (%d+)", status)
		socket.close(fd)
	end
	check.equal(urllib.parse_query "a=1&b=2&a=3", { a = { "1", "3" }, b = "2" })
	socket.close(listener)
	check.raises("", httpc.get, host, "/")
end)
