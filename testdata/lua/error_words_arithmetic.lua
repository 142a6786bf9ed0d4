-- messages about arithmetic, concatenation, length and comparison: which operand, which variable
local function show(source)
  local f, e = load(source, "=x")
  if not f then print("syntax", e) return end
  print("run", (tostring(select(2, pcall(f))):gsub("0x%x+", "ADDRESS")))
end

for _, source in ipairs{
  "return 1 + a",
  "local a = {}; return a + 1",
  "local a = {}; return 1 + a",
  "local a = {}; return a.x + 1",
  "local a = {}; return 2 ^ a.x",
  "return {} + 1",
  "return -{}",
  "return -a",
  "local a = 'x' return a + 1",
  "return 'a' + 1",
  "return 1 + 'b'",
  "return a.b + 1",
  "local a = {} return a + a.b",
  "local a, b = 1, {} return a + b",
  "local a, b = {}, 1 return a + b",
  "local a, b = 'x', {} return a + b",
  "return a .. 'x'",
  "return 'x' .. a",
  "local a = {} return a .. 'x'",
  "local a = {} return 'x' .. a",
  "local a = {} return a.x .. 'y'",
  "return 'a' .. {} .. 'b'",
  "return 'a' .. 'b' .. nil",
  "local a, b = 'x' return a .. b",
  "return 1 .. nil",
  "return true .. 1",
  "return #a",
  "return #5",
  "local a return #a",
  "a = {} return #a.b",
  "return {} < 1",
  "return 1 < {}",
  "return {} < {}",
  "return nil < nil",
  "return 'x' < 1",
  "return print < print",
  "return {} <= {}",
  "return true >= false",
  "return a > 1",
  "local a = {} return a < nil",
  "return 1 < '1'",
  "return 2 <= 'x'",
  "a()",
  "a.b()",
} do
  show(source)
end
