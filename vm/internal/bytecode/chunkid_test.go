package bytecode

import (
	"strings"
	"testing"
)

var chunkIDTests = []struct{ source, id string }{
	{"=stdin", "stdin"},
	{"=", ""},
	{"=" + strings.Repeat("q", 58), strings.Repeat("q", 58)},
	{"=" + strings.Repeat("q", 59), strings.Repeat("q", 59)},
	{"=" + strings.Repeat("q", 60), strings.Repeat("q", 59)},
	{"=a\nb", "a\nb"},
	{"=a\x00b", "a"},
	{"@room.lua", "room.lua"},
	{"@", ""},
	{"@" + strings.Repeat("p", 59), strings.Repeat("p", 59)},
	{"@" + strings.Repeat("p", 60), "..." + strings.Repeat("p", 56)},
	{"@/a/very/long/path/" + strings.Repeat("p", 60) + "/room.lua", "..." + strings.Repeat("p", 47) + "/room.lua"},
	{"@a\nb", "a\nb"},
	{"", `[string ""]`},
	{"return 1", `[string "return 1"]`},
	{"return 1\nreturn 2", `[string "return 1..."]`},
	{"\nreturn 2", `[string "..."]`},
	{"return 1\r\nreturn 2", "[string \"return 1\r...\"]"},
	{"x\x00y", `[string "x"]`},
	{strings.Repeat("s", 44), `[string "` + strings.Repeat("s", 44) + `"]`},
	{strings.Repeat("s", 45), `[string "` + strings.Repeat("s", 45) + `..."]`},
	{strings.Repeat("s", 46), `[string "` + strings.Repeat("s", 45) + `..."]`},
	{strings.Repeat("s", 100), `[string "` + strings.Repeat("s", 45) + `..."]`},
	{strings.Repeat("s", 44) + "\n", `[string "` + strings.Repeat("s", 44) + `..."]`},
	{strings.Repeat("s", 50) + "\n", `[string "` + strings.Repeat("s", 45) + `..."]`},
}

func TestChunkID(t *testing.T) {
	for _, test := range chunkIDTests {
		if got := ChunkID(test.source); got != test.id {
			t.Errorf("%q:\n got %q\nwant %q", test.source, got, test.id)
		}
	}
}

func TestChunkIDIsCLuas(t *testing.T) {
	var snippets []snippet
	for _, test := range chunkIDTests {
		snippets = append(snippets, snippet{name: test.source, source: "="})
	}
	for i, v := range cLua(t, snippets) {
		id := strings.TrimSuffix(v.message, ":1: unexpected symbol near '='")
		if want := chunkIDTests[i].id; id != want {
			t.Errorf("%q: the test has %q, C Lua %q", snippets[i].name, want, id)
		}
	}
}
