package bytecode

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"strings"
	"testing"
)

// realChunks are chunks of programs that use all opcodes.
func realChunks(t testing.TB) [][]byte {
	var chunks [][]byte
	for _, source := range []string{
		"return 1",
		program(60),
		`local t, u = {1, 2, nil, x = 1, [2.5] = true, ...}, ""
		for i = 10, 1, -1 do t[i] = function(a, ...) u = a return i, ... end end
		for k, v in pairs(t) do if not k then break elseif k ~= v and (v < 1 or v <= k) then t:f(k .. v .. u)(...) end end
		while u do local u = u or t if u[1] then goto done end x = function() return u end end
		::done:: local a, b = ... , -u ^ 2 % 3 / 4 * 5 - 6
		do local a, b, c c = a == b and #t or t.x.y end
		return t.f(#t, not t, t(...))`,
	} {
		p := compile(t, source, "@chunk.lua")
		chunks = append(chunks, Dump(p, false), Dump(p, true))
	}
	return chunks
}

func TestRoundTrip(t *testing.T) {
	for i, chunk := range realChunks(t) {
		p, err := Load(chunk, "=x")
		if err != nil {
			t.Fatal(err)
		}
		stripped := i%2 == 1
		if stripped != (len(p.LineInfo) == 0 && len(p.Locals) == 0 && p.Source == "=?") {
			t.Errorf("chunk %d: stripped is %v, but source %q, %d lines", i, stripped, p.Source, len(p.LineInfo))
		}
		if !stripped && !bytes.Equal(Dump(p, false), chunk) || stripped && !bytes.Equal(Dump(p, true), chunk) {
			t.Errorf("chunk %d changes", i)
		}
	}
	p := compile(t, program(60), "@chunk.lua")
	q, err := Load(Dump(p, false), "=x")
	if err != nil || !reflect.DeepEqual(p, q) {
		t.Errorf("loaded prototype differs from the compiled one (%v)", err)
	}
}

func TestAllOpcodesAppear(t *testing.T) {
	var seen [opCount]bool
	for _, chunk := range realChunks(t) {
		p, err := Load(chunk, "=x")
		if err != nil {
			t.Fatal(err)
		}
		each(p, func(p *Proto) {
			for _, i := range p.Code {
				seen[OpOf(i)] = true
			}
		})
	}
	for op, ok := range seen {
		if op := Op(op); !ok && op != OpLoadKX && op != OpExtraArg {
			t.Errorf("no chunk has %v", op)
		}
	}
}

// An inner function may have no source of its own.
func TestLoadSources(t *testing.T) {
	p := compile(t, "local function f() return function() end end", "=main")
	p.Protos[0].Source = ""
	p, err := Load(Dump(p, false), "=x")
	if err != nil {
		t.Fatal(err)
	}
	each(p, func(p *Proto) {
		if p.Source != "=main" && p.Source != "" {
			t.Errorf("source %q", p.Source)
		}
	})
}

func TestEmptyStrings(t *testing.T) {
	p := compile(t, "return ''", "=x")
	chunk := Dump(p, false)
	long := append([]byte{stringConstant}, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	short := append([]byte{stringConstant}, 0, 0, 0, 0, 0, 0, 0, 0)
	if !bytes.Contains(chunk, long) {
		t.Fatal("the empty string is not written as C Lua writes it")
	}
	q, err := Load(bytes.Replace(chunk, long, short, 1), "=x")
	if err != nil || !reflect.DeepEqual(p, q) {
		t.Errorf("%v, %v", q, err)
	}
}

// A chunk of a machine with 32-bit pointers.
func TestLoad32Bit(t *testing.T) {
	w := []byte(headerOf(4))
	w = append(w, make([]byte, 8)...)                              // lines
	w = append(w, 0, 1, 2)                                         // parameters, vararg, registers
	w = append(w, 1, 0, 0, 0, byte(OpReturn), 0, 0x80, 0)          // code
	w = append(w, 1, 0, 0, 0, stringConstant, 2, 0, 0, 0, 'k', 0)  // constants
	w = append(w, make([]byte, 8)...)                              // functions, upvalues
	w = append(w, 3, 0, 0, 0, '@', 'x', 0, 0, 0, 0, 0, 0, 0, 0, 0) // source, lines, local variables
	w = append(w, 0, 0, 0, 0)                                      // names of upvalues
	p, err := Load(w, "=x")
	if err != nil || p.Source != "@x" || p.Constants[0] != "k" {
		t.Errorf("%v, %v", p, err)
	}
}

func TestLoadErrors(t *testing.T) {
	good := Dump(compile(t, "return 1", "@chunk.lua"), false)
	edit := func(offset int, bytes ...byte) []byte {
		chunk := append([]byte(nil), good...)
		copy(chunk[offset:], bytes)
		return chunk
	}
	sizes := len(headerOf(8)) + 8 + 3 // of the main function
	for _, test := range []struct {
		what, name string
		chunk      []byte
		message    string
	}{
		{"nothing", "=x", nil, "x: truncated precompiled chunk"},
		{"only the signature", "@x.luac", good[:4], "x.luac: truncated precompiled chunk"},
		{"half", "chunk", good[:len(good)/2], "chunk: truncated precompiled chunk"},
		{"all but one byte", "\x1bLua", good[:len(good)-1], "binary string: truncated precompiled chunk"},
		{"other signature", "=x", edit(3, 'b'), "x: not a precompiled chunk"},
		{"text", "=x", []byte("return 1, 2, 3, 4, 5, 6"), "x: not a precompiled chunk"},
		{"Lua 5.1", "=x", edit(4, 0x51), "x: version mismatch in precompiled chunk"},
		{"big-endian", "=x", edit(6, 0), "x: incompatible precompiled chunk"},
		{"integers", "=x", edit(11, 1), "x: incompatible precompiled chunk"},
		{"line ends converted", "=x", edit(14, '\n'), "x: corrupted precompiled chunk"},
		{"negative count", "=x", edit(sizes, 0xff, 0xff, 0xff, 0xff), "x: corrupted precompiled chunk"},
		{"giant count", "=x", edit(sizes, 0xff, 0xff, 0xff, 0x7f), "x: truncated precompiled chunk"},
		{"unknown constant", "=x", edit(sizes+4+3*4+4, 7), "x: corrupted precompiled chunk"},
		{"unknown opcode", "=x", edit(sizes+4, 0x3f), "x: corrupted precompiled chunk (function at line 0: instruction 0: unknown opcode)"},
	} {
		_, err := Load(test.chunk, test.name)
		if got := messageOf(t, err); got != test.message {
			t.Errorf("%s:\n got %q\nwant %q", test.what, got, test.message)
		}
	}
}

func TestLoadErrorsAreCLuas(t *testing.T) {
	good := Dump(compile(t, "return 1", "@chunk.lua"), false)
	var snippets []snippet
	for i := range len(good) - 1 {
		snippets = append(snippets, snippet{"=x", string(good[:i+1])})
	}
	for i := 1; i < len(headerOf(8)); i++ {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		snippets = append(snippets, snippet{"@x", string(bad)})
	}
	for i, v := range cLua(t, snippets) {
		_, err := Load([]byte(snippets[i].source), snippets[i].name)
		if got := messageOf(t, err); got != v.message {
			t.Errorf("%q:\n got %q\nwant %q", snippets[i].source, got, v.message)
		}
	}
}

func TestLoadTooDeep(t *testing.T) {
	p := &Proto{MaxStack: 2, Code: []uint32{abc(OpReturn, 0, 1, 0)}}
	for range maxDepth {
		p = &Proto{MaxStack: 2, Code: p.Code, Protos: []*Proto{p}}
	}
	_, err := Load(Dump(p, true), "=x")
	if got, want := messageOf(t, err), "x: corrupted precompiled chunk"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := Load(Dump(p.Protos[0], true), "=x"); err != nil {
		t.Error(err)
	}
}

// Whatever is done to a chunk, Load gives an error or a prototype that is safe.
func TestLoadMutated(t *testing.T) {
	for _, chunk := range realChunks(t) {
		if testing.Short() && len(chunk) > 1000 {
			continue
		}
		for i := range chunk {
			for _, b := range []byte{0, 1, 0x7f, 0x80, 0xff, chunk[i] ^ 1, chunk[i] + 1} {
				mutated := bytes.Clone(chunk)
				mutated[i] = b
				checkLoad(t, mutated)
			}
			checkLoad(t, chunk[:i])
		}
		for i := 0; i+4 <= len(chunk); i++ {
			mutated := bytes.Clone(chunk)
			binary.LittleEndian.PutUint32(mutated[i:], math.MaxInt32)
			checkLoad(t, mutated)
		}
	}
}

// checkLoad loads a chunk of any content.
func checkLoad(t testing.TB, chunk []byte) {
	p, err := Load(chunk, "=x")
	if err != nil {
		if message := err.(*SyntaxError).Message; !strings.HasPrefix(message, "x: ") || !strings.Contains(message, "precompiled chunk") {
			t.Fatalf("message %q", message)
		}
		return
	}
	again, err := Load(Dump(p, false), "=x")
	if err != nil {
		t.Fatalf("cannot load what Dump has written: %v", err)
	}
	if !bytes.Equal(Dump(again, false), Dump(p, false)) {
		t.Fatal("the prototype changes when it is dumped and loaded")
	}
	each(p, func(p *Proto) { walk(t, p) })
}
