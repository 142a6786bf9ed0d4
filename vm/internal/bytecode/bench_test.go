package bytecode

import (
	"strings"
	"testing"
)

// program is a source of about n lines of the usual kind.
func program(n int) string {
	const unit = `
-- a comment that explains what the function below does, and why it does it so
local function handle(fd, msg, size)
  local session = sessions[fd]
  if not session then
    log.error("no session for fd %d", fd)
    return nil, "closed"
  end
  local total = 0
  for i, v in ipairs(session.queue) do
    total = total + #v * 2 -- bytes
    if total > 65536 then session:close("too big", i) break end
  end
  session.stats = { count = (session.stats.count or 0) + 1, bytes = total, last = os.time() }
  return session.name .. ":" .. tostring(total), true
end
handlers["open"] = handle
`
	return strings.Repeat("do"+unit+"end\n", n/20)
}

func BenchmarkCompile(b *testing.B) {
	source := program(5000)
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(source, "@bench.lua"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	source := program(5000)
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := check(source, "@bench.lua"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompileSmall(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile("return 1 + x", "=small"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	p, err := Compile(program(5000), "@bench.lua")
	if err != nil {
		b.Fatal(err)
	}
	chunk := Dump(p, false)
	b.SetBytes(int64(len(chunk)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(chunk, "@bench.lua"); err != nil {
			b.Fatal(err)
		}
	}
}
