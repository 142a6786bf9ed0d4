package bytecode

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// snippet is a source text and the chunk name that it is compiled under.
type snippet struct{ name, source string }

// verdict is what C Lua makes of a snippet: a message, or the chunk.
type verdict struct {
	message string
	chunk   []byte
}

// cLuaScript answers every snippet of its input with a line: load's message, or string.dump's result.
const cLuaScript = `
local input = assert(io.open(arg[1], "rb"))
local output = assert(io.open(arg[2], "wb"))
local function read()
  local size = input:read(4)
  if not size then return nil end
  local a, b, c, d = size:byte(1, 4)
  local n = a + b * 256 + c * 65536 + d * 16777216
  return n == 0 and "" or input:read(n)
end
local function write(s)
  local n = #s
  output:write(string.char(n % 256, math.floor(n / 256) % 256, math.floor(n / 65536) % 256, math.floor(n / 16777216)), s)
end
for name in read do
  local f, message = load(read(), name)
  write(message or "")
  write(f and string.dump(f) or "")
end
output:close()
`

// cLua returns C Lua 5.2's verdicts, or skips the test where that is not installed.
func cLua(t testing.TB, snippets []snippet) []verdict {
	t.Helper()
	path, err := exec.LookPath("lua5.2")
	if err != nil {
		t.Skip("lua5.2 is not installed: the expected texts are not compared with C Lua's")
	}
	dir := t.TempDir()
	var input []byte
	for _, s := range snippets {
		for _, text := range []string{s.name, s.source} {
			input = binary.LittleEndian.AppendUint32(input, uint32(len(text)))
			input = append(input, text...)
		}
	}
	in, out, script := filepath.Join(dir, "in"), filepath.Join(dir, "out"), filepath.Join(dir, "script.lua")
	writeFile(t, in, input)
	writeFile(t, script, []byte(cLuaScript))
	if output, err := exec.Command(path, script, in, out).CombinedOutput(); err != nil {
		t.Fatalf("lua5.2: %v\n%s", err, output)
	}
	answers, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewBuffer(answers)
	next := func() []byte { return r.Next(int(binary.LittleEndian.Uint32(r.Next(4)))) }
	verdicts := make([]verdict, len(snippets))
	for i := range verdicts {
		verdicts[i].message = string(next())
		verdicts[i].chunk = bytes.Clone(next())
	}
	return verdicts
}

func writeFile(t testing.TB, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
