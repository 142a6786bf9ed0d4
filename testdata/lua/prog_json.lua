-- A JSON encoder and decoder.
local function encode(v)
  local t = type(v)
  if t == "table" then
    local r = {}
    if #v > 0 or next(v) == nil then for i, x in ipairs(v) do r[i] = encode(x) end return "[" .. table.concat(r, ",") .. "]" end
    local keys = {} for k in pairs(v) do keys[#keys + 1] = k end table.sort(keys)
    for i, k in ipairs(keys) do r[i] = encode(k) .. ":" .. encode(v[k]) end
    return "{" .. table.concat(r, ",") .. "}"
  elseif t == "string" then return '"' .. v:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
  elseif t == "nil" then return "null" end
  return tostring(v)
end
local decode
local function ws(s, i) return s:match("^%s*()", i) end
local function fail(i, what) error("position " .. i .. ": " .. what .. " expected", 0) end
local function str(s, i) local r = {} i = i + 1 while true do local a, b = s:find('^[^"\\]+', i) if a then r[#r + 1] = s:sub(a, b) i = b + 1 end local c = s:sub(i, i) if c == '"' then return table.concat(r), i + 1 elseif c == "\\" then local e = s:sub(i + 1, i + 1) if e == "u" then r[#r + 1] = string.char(tonumber(s:sub(i + 2, i + 5), 16)) i = i + 6 else r[#r + 1] = ({n = "\n", t = "\t"})[e] or e i = i + 2 end else fail(i, "end of string") end end end
function decode(s, i)
  i = ws(s, i or 1) local c = s:sub(i, i)
  if c == "{" then local r = {} i = ws(s, i + 1) if s:sub(i, i) == "}" then return r, i + 1 end while true do local k k, i = str(s, ws(s, i)) i = ws(s, i) if s:sub(i, i) ~= ":" then fail(i, "':'") end r[k], i = decode(s, i + 1) i = ws(s, i) c = s:sub(i, i) i = i + 1 if c == "}" then return r, i elseif c ~= "," then fail(i - 1, "',' or '}'") end end
  elseif c == "[" then local r = {} i = ws(s, i + 1) if s:sub(i, i) == "]" then return r, i + 1 end while true do r[#r + 1], i = decode(s, i) i = ws(s, i) c = s:sub(i, i) i = i + 1 if c == "]" then return r, i elseif c ~= "," then fail(i - 1, "',' or ']'") end end
  elseif c == '"' then return str(s, i) end
  for w, v in pairs{["true"] = true, ["false"] = false} do if s:sub(i, i + #w - 1) == w then return v, i + #w end end
  if s:sub(i, i + 3) == "null" then return nil, i + 4 end
  local n, e = s:match("^(-?%d+%.?%d*[eE]?[+-]?%d*)()", i) if n then return tonumber(n), e end fail(i, "value")
end
local text = '{"a":[1,2.5,-3e2,{"b":null,"c":"x\\n\\u0041\\"y"}],"d":{},"e":[],"f":true,"g":false}'
local v = decode(text) print(encode(v)) print(encode(decode(encode(v))) == encode(v)) print(v.a[4].c, v.a[3], v.f, v.g)
for _, bad in ipairs{"{", "[1,", '{"a" 1}', "[1 2]", '"open', "", "[tru]"} do print(pcall(decode, bad)) end
