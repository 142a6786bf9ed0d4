package host

import (
	"fmt"
	"strings"
	"testing"
)

// The line of an error is shown in a form that a terminal can take, with the caret below the place.
func TestExcerpt(t *testing.T) {
	long := strings.Repeat("a", 300) + "HERE" + strings.Repeat("b", 300)
	for _, test := range []struct {
		line   string
		column int
		want   string
	}{
		{"\tx = = 1", 5, "    5 |  x = = 1\n            ^\n"},
		{"local é = = 1", 12, "    5 | local é = = 1\n                  ^\n"},
		{"\x1b[31mred", 6, "    5 |  [31mred\n             ^\n"},
		{"short", 99, "    5 | short\n             ^\n"},
		{"short", 0, "    5 | short\n        ^\n"},
		{long, 301, "    5 | ..." + long[250:400] + "...\n" + strings.Repeat(" ", 8+3+50) + "^\n"},
	} {
		var b strings.Builder
		(&ReloadError{Line: 5, Source: test.line, Column: test.column}).writeSource(&b)
		if b.String() != test.want {
			t.Errorf("%.20q at %d:\n%s\nwant\n%s", test.line, test.column, b.String(), test.want)
		}
	}
}

// Names of files may have colons, as those of Windows have.
func TestSplitPosition(t *testing.T) {
	for text, want := range map[string]string{
		`room.lua:12: oops`:           "room.lua 12",
		`room.lua:12`:                 "room.lua 12",
		`C:\games\room.lua:12: oops`:  `C:\games\room.lua 12`,
		`C:\games\room.lua:3@g2: x:4`: `C:\games\room.lua 3`,
		`\\host\share\m.lua:7: x`:     `\\host\share\m.lua 7`,
		`./a b/ü.lua:1: x`:            "./a b/ü.lua 1",
		`no position`:                 " 0",
		`C:\games\room.lua: x`:        " 0",
	} {
		file, line := splitPosition(text)
		if got := fmt.Sprint(file, " ", line); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
