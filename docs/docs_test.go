// Package docs checks what the manuals show.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luahost/luahost/vm"
)

// sources are where the snippets in Go of these pages come from: code that is compiled and tested. A snippet must stand
// there as it is shown.
var sources = []string{"../host", "../examples", "../bindings"}

// pages are those whose snippets are checked.
var pages = []string{"bindings.md", "embedding.md"}

func TestSnippets(t *testing.T) {
	code := readSources(t)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range snippets(string(text)) {
			switch s.language {
			case "go":
				if !contains(code, s.text) {
					t.Errorf("%s:%d: this snippet is in none of %v:\n%s", page, s.line, sources, s.text)
				}
			case "lua":
				if _, err := vm.NewState(vm.Options{}).Load(s.text, "="+page, "t", vm.Nil()); err != nil {
					t.Errorf("%s:%d: %v", page, s.line, err)
				}
			}
		}
	}
}

// readSources returns the text of all Go files.
func readSources(t *testing.T) []string {
	t.Helper()
	var code []string
	for _, dir := range sources {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			b, err := os.ReadFile(path)
			code = append(code, "\n"+string(b))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return code
}

func contains(code []string, snippet string) bool {
	for _, text := range code {
		if strings.Contains(text, "\n"+snippet) {
			return true
		}
	}
	return false
}

// snippet is a block of code in a page.
type snippet struct {
	language string
	text     string
	line     int
}

func snippets(page string) []snippet {
	var list []snippet
	var open *snippet
	for i, line := range strings.Split(page, "\n") {
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &snippet{language: language, line: i + 2}
		case fence:
			list = append(list, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return list
}
