package lualib_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/luahost/luahost/lualib"
)

// TestEmbedded fails when a module on disk is left out of the binary, or differs in it.
func TestEmbedded(t *testing.T) {
	var onDisk, embedded []string
	collect := func(names *[]string) fs.WalkDirFunc {
		return func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".lua") {
				*names = append(*names, path)
			}
			return err
		}
	}
	disk := os.DirFS(".")
	if err := fs.WalkDir(disk, ".", collect(&onDisk)); err != nil {
		t.Fatal(err)
	}
	if err := fs.WalkDir(lualib.FS, ".", collect(&embedded)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(onDisk, embedded) {
		t.Fatalf("on disk %q\nembedded %q", onDisk, embedded)
	}
	for _, name := range onDisk {
		want, err := fs.ReadFile(disk, name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := fs.ReadFile(lualib.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from the file on disk", name)
		}
	}
}

// TestPlainLua runs testdata/lualib with C Lua 5.2: the modules promise to work there too. With an empty LUA_CPATH
// LuaSocket isn't found, and the test's own mime.core stands in.
func TestPlainLua(t *testing.T) {
	if _, err := exec.LookPath("lua5.2"); err != nil {
		t.Skip("lua5.2 is not installed")
	}
	programs, err := filepath.Glob("../testdata/lualib/*.lua")
	if err != nil || len(programs) == 0 {
		t.Fatalf("no program in testdata/lualib (%v)", err)
	}
	for _, program := range programs {
		want, err := os.ReadFile(strings.TrimSuffix(program, ".lua") + ".out")
		if err != nil {
			t.Fatal(err)
		}
		for name, environment := range map[string][]string{"installed": nil, "alone": {"LUA_CPATH="}} {
			t.Run(filepath.Base(program)+"/"+name, func(t *testing.T) {
				lua := exec.Command("lua5.2", program)
				lua.Env = append(os.Environ(), environment...)
				got, err := lua.CombinedOutput()
				if err != nil {
					t.Errorf("lua5.2: %v", err)
				}
				compareLines(t, string(got), string(want))
			})
		}
	}
}

// compareLines reports the first line that differs.
func compareLines(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			t.Errorf("line %d: got %q, want %q", i+1, gotLines[i], wantLines[i])
			return
		}
	}
	t.Errorf("got %d lines, want %d", len(gotLines), len(wantLines))
}
