-- A client of MySQL and MariaDB.
--
--     local mysql = require "skynet.db.mysql"
--     local db = mysql.connect { host = "127.0.0.1", port = 3306, user = "me", password = "secret", database = "test" }
--     local rows = db:query "select name, age from people" -- a list of { name =, age = }
--     local done = db:query("delete from people where name = " .. mysql.quote_sql_str(name)) -- done.affected_rows
--     local statement = db:prepare "select * from people where age > ?"
--     rows = db:execute(statement, 17)
--
-- An error of the server is a result with badresult, errno, err and sqlstate; several results come as a list with
-- multiresultset. NULL is nil, and integers from 2^53 on are strings.
local socketchannel = require "skynet.socketchannel"
local aux = require "skynet.mysqlaux.c"

local mysql = { quote_sql_str = aux.quote_sql_str }
local db_meta = { __index = mysql }

local COM_QUERY, COM_PING = 0x03, 0x0e
local COM_PREPARE, COM_EXECUTE, COM_CLOSE, COM_RESET = 0x16, 0x17, 0x19, 0x1a
local MORE_RESULTS = 0x08
local UNSIGNED = 0x20 -- flag of a column
local MAX_PIECE = 0xffffff
local LONG_PASSWORD, LONG_FLAG, WITH_DATABASE, PROTOCOL_41, TRANSACTIONS, SECURE, MULTI_STATEMENTS, MULTI_RESULTS, PS_MULTI_RESULTS, PLUGINS =
	0x1, 0x4, 0x8, 0x200, 0x2000, 0x8000, 0x10000, 0x20000, 0x40000, 0x80000
local CAPABILITIES = LONG_PASSWORD + LONG_FLAG + PROTOCOL_41 + TRANSACTIONS + SECURE + MULTI_STATEMENTS + MULTI_RESULTS + PS_MULTI_RESULTS + PLUGINS

local CHARSETS = {
	_default = 0, big5 = 1, latin1 = 8, ascii = 11, sjis = 13, gb2312 = 24, gbk = 28, utf8 = 33, ucs2 = 35, utf8mb4 = 45,
	utf16 = 54, utf32 = 60, binary = 63,
}

-- Packets: 3 bytes of length, a number that counts, and the content; one of full length goes on in the next.

local function compose(sequence, content)
	local out = {}
	repeat
		local piece = content:sub(1, MAX_PIECE)
		content = content:sub(MAX_PIECE + 1)
		out[#out + 1] = string.pack("<I3B", #piece, sequence % 256) .. piece
		sequence = sequence + 1
	until #piece < MAX_PIECE
	return table.concat(out)
end

local function read_packet(sock)
	local parts = {}
	repeat
		local size, sequence = string.unpack("<I3B", sock:read(4))
		parts[#parts + 1] = size > 0 and sock:read(size) or ""
		if size < MAX_PIECE then
			return table.concat(parts), sequence
		end
	until false
end

-- An integer that tells its length; nil for NULL.
local function unpack_integer(s, at)
	local first = s:byte(at)
	if first < 0xfb then
		return first, at + 1
	elseif first == 0xfb then
		return nil, at + 1
	elseif first == 0xfc then
		return string.unpack("<I2", s, at + 1)
	elseif first == 0xfd then
		return string.unpack("<I3", s, at + 1)
	end
	return aux.integer(s:sub(at + 1, at + 8), true), at + 9
end

local function unpack_text(s, at)
	local size
	size, at = unpack_integer(s, at)
	if not size then
		return nil, at
	end
	return s:sub(at, at + size - 1), at + size
end

local function pack_text(s)
	if #s < 0xfb then
		return string.pack("s1", s)
	elseif #s < 0x10000 then
		return "\xfc" .. string.pack("<s2", s)
	elseif #s < 0x1000000 then
		return "\xfd" .. string.pack("<s3", s)
	end
	return "\xfe" .. string.pack("<s8", s)
end

local function has(flags, flag)
	return bit32.band(flags, flag) ~= 0
end

local function unpack_error(packet)
	local errno, at = string.unpack("<I2", packet, 2)
	local sqlstate
	if packet:sub(at, at) == "#" then
		sqlstate, at = packet:sub(at + 1, at + 5), at + 6
	end
	return { badresult = true, errno = errno, err = packet:sub(at), sqlstate = sqlstate }
end

local function is_error(packet) return packet:byte() == 0xff end

local function is_end(packet) return packet:byte() == 0xfe and #packet < 9 end

-- Logging in.

local PROOF = { mysql_native_password = aux.native_password, caching_sha2_password = aux.sha2_password }

local function prove(plugin, password, nonce)
	local f = PROOF[plugin] or error("mysql: the server asks for the method " .. plugin .. ", which is not supported")
	return f(password, nonce)
end

local function unpack_greeting(packet)
	local version, at = string.unpack("z", packet, 2)
	local nonce = packet:sub(at + 4, at + 11) -- behind the number of the connection
	at = at + 4 + 8 + 1 + 2 + 1 + 2 + 2
	local size = packet:byte(at)
	nonce = nonce .. packet:sub(at + 11, at + 11 + math.max(12, size - 9) - 1)
	at = at + 11 + math.max(13, size - 8)
	return version, nonce, at <= #packet and string.unpack("z", packet, at) or "mysql_native_password"
end

local function raise(packet)
	local e = unpack_error(packet)
	error(("errno:%d, msg:%s,sqlstate:%s"):format(e.errno, e.err, tostring(e.sqlstate)), 0)
end

-- Returns the function that logs in on a new connection.
local function login(self, conf)
	local password = conf.password or ""
	local function packet_and_sequence(sock)
		return true, { read_packet(sock) }
	end
	return function(channel)
		local packet, sequence = table.unpack(channel:response(packet_and_sequence))
		if is_error(packet) then
			raise(packet)
		end
		local nonce, plugin
		self._server_ver, nonce, plugin = unpack_greeting(packet)
		if not PROOF[plugin] then
			plugin = "mysql_native_password" -- the server asks for another one if it must
		end
		local function answer(content)
			packet, sequence = table.unpack(channel:request(compose(sequence + 1, content), packet_and_sequence))
		end
		answer(string.pack("<I4I4B", CAPABILITIES + (conf.database and WITH_DATABASE or 0), conf.max_packet_size or MAX_PIECE, CHARSETS[conf.charset or "_default"] or error("mysql: unknown charset " .. tostring(conf.charset)))
			.. ("\0"):rep(23) .. (conf.user or "") .. "\0" .. pack_text(prove(plugin, password, nonce))
			.. (conf.database and conf.database .. "\0" or "") .. plugin .. "\0")
		if packet:byte() == 0xfe then -- another method
			local at
			plugin, at = string.unpack("z", packet, 2)
			nonce = packet:sub(at):gsub("%z$", "")
			answer(prove(plugin, password, nonce))
		end
		if packet == "\1\3" then -- the password is known: the result follows
			packet = channel:response(packet_and_sequence)[1]
		elseif packet == "\1\4" then -- it wants the password itself
			answer "\2"
			answer(aux.encrypt_password(password, nonce, packet:sub(2)))
		end
		if packet:byte() ~= 0 then
			raise(packet)
		end
		if conf.on_connect then
			conf.on_connect(self)
		end
	end
end

-- Results.

local function unpack_ok(packet)
	local result, at = {}, 2
	result.affected_rows, at = unpack_integer(packet, at)
	result.insert_id, at = unpack_integer(packet, at)
	result.server_status, result.warning_count, at = string.unpack("<I2I2", packet, at)
	if at <= #packet then
		local counted = packet:byte(at) == #packet - at -- most servers tell its length
		result.message = packet:sub(counted and at + 1 or at)
	end
	return result, result.server_status
end

local function unpack_column(packet)
	local at, name = 1, nil
	for i = 1, 5 do -- catalog, schema, table, original table, name
		name, at = unpack_text(packet, at)
	end
	at = select(2, unpack_text(packet, at))
	local charset, _, type, flags = string.unpack("<I2I4BI2", packet, at + 1)
	return { name = name, type = type, unsigned = has(flags, UNSIGNED), charset = charset }
end

local function read_columns(sock, n)
	local columns = {}
	if n > 0 then
		for i = 1, n do
			columns[i] = unpack_column(read_packet(sock))
		end
		read_packet(sock) -- the end
	end
	return columns
end

local EXACT = 2 ^ 53

local function to_number(text)
	local n = tonumber(text)
	return math.abs(n) < EXACT and n or text
end

-- By type: tiny, short, long, float, double, longlong, int24, year, decimals.
local FROM_TEXT = { to_number, to_number, to_number, tonumber, tonumber, [0] = tonumber, [0x08] = to_number, [0x09] = to_number, [0x0d] = to_number, [0xf6] = tonumber }

local function put(row, compact, i, column, value)
	row[compact and i or column.name] = value
end

local function text_row(packet, columns, compact)
	local row, at = {}, 1
	for i, column in ipairs(columns) do
		local value
		value, at = unpack_text(packet, at)
		local convert = FROM_TEXT[column.type]
		if value and convert then
			value = convert(value)
		end
		put(row, compact, i, column, value)
	end
	return row
end

local function fixed(signed, unsigned)
	return function(packet, at, column)
		return string.unpack(column.unsigned and unsigned or signed, packet, at)
	end
end

local function unpack_date(packet, at)
	local size = packet:byte(at)
	local y, m, d, h, min, s, us = 0, 0, 0, 0, 0, 0, 0
	if size >= 4 then
		y, m, d = string.unpack("<I2BB", packet, at + 1)
	end
	if size >= 7 then
		h, min, s = packet:byte(at + 5, at + 7)
	end
	if size >= 11 then
		us = string.unpack("<I4", packet, at + 8)
	end
	return size, ("%04d-%02d-%02d"):format(y, m, d), ("%02d:%02d:%02d"):format(h, min, s) .. (us > 0 and (".%06d"):format(us) or "")
end

local function from_date(packet, at)
	local size, date = unpack_date(packet, at)
	return date, at + 1 + size
end

local function from_datetime(packet, at)
	local size, date, time = unpack_date(packet, at)
	return date .. " " .. time, at + 1 + size
end

local function from_time(packet, at)
	local size = packet:byte(at)
	if size == 0 then
		return "00:00:00", at + 1
	end
	local negative, days, h, m, s = string.unpack("<BI4BBB", packet, at + 1)
	local us = size >= 12 and string.unpack("<I4", packet, at + 9) or 0
	return ("%s%02d:%02d:%02d"):format(negative == 1 and "-" or "", days * 24 + h, m, s) .. (us > 0 and (".%06d"):format(us) or ""), at + 1 + size
end

local function from_decimal(packet, at)
	local text
	text, at = unpack_text(packet, at)
	return tonumber(text), at
end

local FROM_BINARY = {
	[0x00] = from_decimal,
	[0x01] = fixed("<i1", "<I1"),
	[0x02] = fixed("<i2", "<I2"),
	[0x03] = fixed("<i4", "<I4"),
	[0x04] = fixed("<f", "<f"),
	[0x05] = fixed("<d", "<d"),
	[0x07] = from_datetime,
	[0x08] = function(packet, at, column)
		return aux.integer(packet:sub(at, at + 7), column.unsigned), at + 8
	end,
	[0x09] = fixed("<i4", "<I4"),
	[0x0a] = from_date,
	[0x0b] = from_time,
	[0x0c] = from_datetime,
	[0x0d] = fixed("<I2", "<I2"),
	[0xf6] = from_decimal,
}

local function binary_row(packet, columns, compact)
	local row = {}
	local at = 2 + math.floor((#columns + 9) / 8)
	for i, column in ipairs(columns) do
		local bit = i + 1
		if not has(packet:byte(2 + math.floor(bit / 8)), 2 ^ (bit % 8)) then
			local value
			value, at = (FROM_BINARY[column.type] or unpack_text)(packet, at, column)
			put(row, compact, i, column, value)
		end
	end
	return row
end

-- Returns a result, and whether another one follows.
local function read_result(sock, compact, unpack_row)
	local packet = read_packet(sock)
	if is_error(packet) then
		return unpack_error(packet), false
	elseif packet:byte() == 0 then
		local result, status = unpack_ok(packet)
		return result, has(status, MORE_RESULTS)
	elseif packet:byte() == 0xfb then
		error "mysql: the server asks for a file"
	end
	local columns = read_columns(sock, (unpack_integer(packet, 1)))
	local rows = {}
	while true do
		packet = read_packet(sock)
		if is_error(packet) then
			return unpack_error(packet), false
		elseif is_end(packet) then
			return rows, has(string.unpack("<I2", packet, 4), MORE_RESULTS)
		end
		rows[#rows + 1] = unpack_row(packet, columns, compact)
	end
end

-- Makes the function that reads the results of a command.
local function results(self, unpack_row)
	local compact = self.compact
	return function(sock)
		local result, more = read_result(sock, compact, unpack_row)
		if not more then
			return true, result
		end
		local list = { result, multiresultset = true }
		while more do
			result, more = read_result(sock, compact, unpack_row)
			if result.badresult then
				list.badresult, list.errno, list.err, list.sqlstate = true, result.errno, result.err, result.sqlstate
			else
				list[#list + 1] = result
			end
		end
		return true, list
	end
end

local function read_prepared(sock)
	local packet = read_packet(sock)
	if is_error(packet) then
		return true, unpack_error(packet)
	end
	local id, fields, params, warnings = string.unpack("<I4I2I2xI2", packet, 2)
	local statement = { prepare_id = id, field_count = fields, param_count = params, warning_count = warnings }
	statement.params = read_columns(sock, params)
	statement.fields = read_columns(sock, fields)
	return true, statement
end

local function pack_parameter(value)
	local kind = type(value)
	if value == nil then
		return 0x06, ""
	elseif kind == "boolean" then
		return 0x01, value and "\1" or "\0"
	elseif kind == "number" and value % 1 == 0 and math.abs(value) <= EXACT then
		return 0x08, string.pack("<i8", value)
	elseif kind == "number" then
		return 0x05, string.pack("<d", value)
	elseif kind == "string" then
		return 0xfd, pack_text(value)
	end
	error("mysql: a " .. kind .. " can't be a parameter", 0)
end

local function pack_parameters(n, ...)
	if n == 0 then
		return ""
	end
	local nulls, types, values = {}, {}, {}
	for i = 1, math.floor((n + 7) / 8) do
		nulls[i] = 0
	end
	for i = 1, n do
		local value = select(i, ...)
		if value == nil then
			local at = math.floor((i - 1) / 8) + 1
			nulls[at] = nulls[at] + 2 ^ ((i - 1) % 8)
		end
		local kind, bytes = pack_parameter(value)
		types[i], values[i] = string.char(kind, 0), bytes
	end
	return string.char(table.unpack(nulls)) .. "\1" .. table.concat(types) .. table.concat(values)
end

local function command(self, code, content, response)
	return self.sockchannel:request(compose(0, string.char(code) .. content), response)
end

-- The settings: host, port, user, password, database, charset, max_packet_size, on_connect(db), compact_arrays, overload.
-- With compact_arrays a row is a list. It raises an error when it can't log in.
function mysql.connect(conf)
	local self = setmetatable({ compact = conf.compact_arrays }, db_meta)
	self.sockchannel = socketchannel.channel {
		host = conf.host or "127.0.0.1",
		port = conf.port or 3306,
		auth = login(self, conf),
		nodelay = true,
		overload = conf.overload,
	}
	self.sockchannel:connect(true)
	return self
end

function mysql:disconnect()
	self.sockchannel:close()
	setmetatable(self, nil)
end

function mysql:query(sql)
	return command(self, COM_QUERY, sql, results(self, text_row))
end

-- Returns a statement for execute; it belongs to this connection.
function mysql:prepare(sql)
	return command(self, COM_PREPARE, sql, read_prepared)
end

function mysql:execute(statement, ...)
	local n = select("#", ...)
	if n ~= statement.param_count then
		error(("require stmt.param_count %d, get arg_num %d"):format(statement.param_count, n))
	end
	return command(self, COM_EXECUTE, string.pack("<I4BI4", statement.prepare_id, 0, 1) .. pack_parameters(n, ...), results(self, binary_row))
end

function mysql:stmt_reset(statement)
	return command(self, COM_RESET, string.pack("<I4", statement.prepare_id), results(self, text_row))
end

function mysql:stmt_close(statement)
	command(self, COM_CLOSE, string.pack("<I4", statement.prepare_id))
end

function mysql:ping()
	return command(self, COM_PING, "", results(self, text_row))
end

function mysql:server_ver()
	return self._server_ver
end

function mysql.set_compact_arrays(self, value)
	self.compact = value
end

return mysql
