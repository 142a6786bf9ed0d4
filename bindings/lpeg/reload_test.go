package lpeg_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luahost/luahost/bindings/lpeg"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
)

// A reload replaces a pattern that new code makes otherwise, with the program's own tables and variables in it, and
// keeps one that says the same.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "words.lua"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const old = `
		local lpeg = require "lpeg"
		local M, names, count = {}, {}, 0
		local function note(_, i, word) count = count + 1; return i, word end
		local word = lpeg.C(lpeg.R "az" ^ 1)
		M.word = lpeg.Cmt(word, note) / names
		M.same = lpeg.P { "(" * lpeg.V(1) ^ -1 * ")" / function(x) return x end }
		function M.learn(k, v) names[k] = v end
		function M.count() return count end
		return M`
	write(old)
	h := hosttest.New(t, host.WithModule(lpeg.Modules()...), host.WithModulePath(filepath.ToSlash(dir)+"/?.lua"))
	h.Eval(`words = require "words" same = words.same words.learn("ann", "Ann")`)
	h.Expect(`return words.word:match "ann", words.word:match "ANN", words.count()`, "Ann", nil, 1)
	write(strings.Replace(old, `R "az"`, `R("az", "AZ")`, 1))
	if r, err := h.Host.Reload(t.Context(), host.ReloadOptions{}); err != nil || r.Result != host.ReloadOK {
		t.Fatalf("%v %v", r, err)
	}
	h.Eval(`words.learn("ANN", "ANN!")`)
	h.Expect(`return words.word:match "ann", words.word:match "ANN", words.count(), words.same == same`, "Ann", "ANN!", 3, true)
}
