package websocket_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luahost/luahost/bindings/mime"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/lualib"
	"github.com/luahost/luahost/vm"
)

// twins is a script with the codec twice: as Lua code, and with its native stand-ins. Its function compare calls both.
const twins = `
package.preload["websocket.core"] = function() error "not here" end
local plain = { frame = require "websocket.frame", tools = require "websocket.tools", utf8 = require "websocket.utf8" }
package.preload["websocket.core"] = nil
for _, name in ipairs { "frame", "tools", "utf8", "random" } do package.loaded["websocket." .. name] = nil end
local native = { frame = require "websocket.frame", tools = require "websocket.tools", utf8 = require "websocket.utf8" }
assert(native.frame.encode ~= plain.frame.encode and native.tools.sha1 ~= plain.tools.sha1 and native.utf8.valid ~= plain.utf8.valid)

local function show(...)
	local t = table.pack(...)
	for i = 1, t.n do t[i] = type(t[i]) .. ":" .. tostring(t[i]) end
	return table.concat(t, ",")
end

function compare(module, name, ...)
	local a = show(pcall(plain[module][name], ...))
	local b = show(pcall(native[module][name], ...))
	if a ~= b then return ("%s.%s: Lua gives %q, Go gives %q"):format(module, name, a:sub(1, 200), b:sub(1, 200)) end
end

function roundtrip(data, opcode, masked, fin)
	for _, from in ipairs { plain, native } do
		for _, to in ipairs { plain, native } do
			local payload, f, op, rest, m = to.frame.decode(from.frame.encode(data, opcode, masked, fin) .. "rest")
			if payload ~= data or f ~= (fin ~= false) or op ~= (opcode or 1) or rest ~= "rest" or m ~= (masked and true or false) then
				return "roundtrip"
			end
		end
	end
end
decodenative = native.frame.decode
report(compare)
`

// codec runs the two codecs.
type codec struct {
	rig *rig
	run func(f string, args ...vm.Value) string
}

func newCodec(t testing.TB) *codec {
	r := newRig(t, host.WithLibrary(lualib.FS), host.WithModule(mime.Modules()...))
	file := filepath.Join(t.TempDir(), "twins.lua")
	if err := os.WriteFile(file, []byte(prelude+twins), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := r.Host.Start(context.Background(), file)
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Log.String())
	}
	r.Next()
	svc := r.Host.Service(a)
	return &codec{r, func(f string, args ...vm.Value) string {
		result := make(chan string, 1)
		svc.Post(func(s *host.Service) {
			results, err := s.State().Main().Call(s.State().Globals().GetString(f), args...)
			switch {
			case err != nil:
				result <- err.Error()
			case len(results) > 0 && !results[0].IsNil():
				result <- vm.Text(results[0])
			default:
				result <- ""
			}
		})
		return <-result
	}}
}

func (c *codec) check(t *testing.T, module, name string, args ...vm.Value) {
	t.Helper()
	all := append([]vm.Value{vm.String(module), vm.String(name)}, args...)
	if difference := c.run("compare", all...); difference != "" {
		t.Error(difference)
	}
}

func TestNativeCodec(t *testing.T) {
	c := newCodec(t)
	s := vm.String
	for _, size := range []int{0, 1, 7, 125, 126, 1000, 65535, 65536, 70000} {
		data := s(strings.Repeat("\x00\xffdata", size/6+1)[:size])
		for _, opcode := range []vm.Value{vm.Nil(), vm.Bool(false), vm.Int(0), vm.Int(2), vm.Int(10), vm.Int(127), vm.Int(128), vm.Int(-1), vm.Number(1.5), s("2"), s("x"), vm.Bool(true)} {
			for _, fin := range []vm.Value{vm.Nil(), vm.Bool(false), vm.Bool(true), vm.Int(0)} {
				c.check(t, "frame", "encode", data, opcode, vm.Nil(), fin)
				if n, ok := opcode.AsNumber(); ok && n >= 0 && n <= 10 && n == float64(int(n)) {
					if got := c.run("roundtrip", data, opcode, vm.Bool(true), fin); got != "" {
						t.Error(got, size)
					}
				}
			}
		}
		c.check(t, "tools", "sha1", data)
		c.check(t, "utf8", "valid", data)
	}
	for _, bytes := range []string{
		"", "\x81", "\x81\x05", "\x81\x05hell", "\x81\x05hello", "\x81\x05hellomore", "\x81\x85abcd", "\x81\x85abcdhell", "\x81\x85abcdhello", "\x01\x80abcd",
		"\x81\x7e", "\x81\x7e\x00", "\x81\x7e\x00\x05", "\x81\x7e\x00\x05hello", "\x81\x7f", "\x81\x7f\x00\x00\x00\x00\x00\x00\xff", "\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xfe",
		"\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff", "\x81\x7f\x00\x20\x00\x00\x00\x00\x00\x00", "\x81\x7f\x00\x20\x00\x00\x00\x00\x00\x01", "\x81\x7f\x00\x20\x00\x00\x00\x00\x00\x02",
		"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\xff\x00\x00\x00\x00\x00\x00\x00\x05abcd",
	} {
		c.check(t, "frame", "decode", s(bytes))
	}
	for _, v := range []vm.Value{vm.Nil(), vm.Int(5), vm.Bool(true)} {
		c.check(t, "frame", "decode", v)
		c.check(t, "frame", "encode", v)
		c.check(t, "tools", "sha1", v)
		c.check(t, "utf8", "valid", v)
	}
	for _, text := range []string{"ascii", "é", "\xc0\x80", "\xed\xa0\x80", "\xf4\x8f\xbf\xbf", "\xf4\x90\x80\x80", "a\xff", "\xe2\x82"} {
		c.check(t, "utf8", "valid", s(text))
	}
}

func FuzzNativeCodec(f *testing.F) {
	f.Add([]byte("\x81\x85abcdhello"), 1, true)
	f.Add([]byte("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"), 2, false)
	f.Add([]byte("é\xff"), 0, true)
	c := newCodec(f)
	f.Fuzz(func(t *testing.T, data []byte, opcode int, masked bool) {
		v := vm.Bytes(data[:min(len(data), 1000)]) // in Lua, SHA-1 of much takes long
		c.check(t, "frame", "decode", v)
		c.check(t, "frame", "encode", v, vm.Int(opcode))
		c.check(t, "tools", "sha1", v)
		c.check(t, "utf8", "valid", v)
		if got := c.run("roundtrip", v, vm.Int(opcode&15), vm.Bool(masked), vm.Bool(opcode&16 == 0)); got != "" {
			t.Error(got)
		}
	})
}

// BenchmarkPartialFrame shows that a frame which is not complete costs the same whatever its size.
func BenchmarkPartialFrame(b *testing.B) {
	c := newCodec(b)
	for _, size := range []int{1 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			v := vm.String("\x81\x7f\x00\x00\x00\x00\x7f\x00\x00\x00" + strings.Repeat("x", size))
			for b.Loop() {
				c.run("decodenative", v)
			}
		})
	}
}
