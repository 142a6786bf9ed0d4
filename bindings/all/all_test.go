package all_test

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

var update = flag.Bool("update", false, "write docs/bindings from the declarations")

const pages = "../../docs/bindings"

// The pages of docs/bindings are those of the declarations; go test ./bindings/all -update writes them.
func TestPages(t *testing.T) {
	want := decl.Pages(module.Declarations(all.Modules()...))
	if *update {
		if err := os.RemoveAll(pages); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(pages, 0o777); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(pages, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir(pages)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := want[f.Name()]; !ok {
			t.Errorf("%s is of no module", f.Name())
		}
	}
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(pages, name)); err != nil || string(got) != text {
			t.Errorf("%s is not what the declarations say: run go test ./bindings/all -update (%v)", name, err)
		}
	}
}

// Stubs must be Lua, or editors can't read them.
func TestStubsCompile(t *testing.T) {
	s := vm.NewState(vm.Options{})
	for name, m := range module.Declarations(all.Modules()...) {
		if _, err := s.Load(m.Stub(), "="+name, "t", vm.Nil()); err != nil {
			t.Errorf("%s: %v\n%s", name, err, m.Stub())
		}
	}
}

// Every module tells what it offers, and offers that.
func TestDeclarations(t *testing.T) {
	h := hosttest.New(t, append(all.Options(), host.WithOutput(io.Discard))...)
	for _, m := range all.Modules() {
		if m.Declaration == nil {
			t.Errorf("module %s declares nothing", m.Name)
			continue
		}
		h.Do(func(s *host.Service) {
			v, err := m.Open(s)
			if err != nil {
				t.Errorf("module %s: %v", m.Name, err)
				return
			}
			table, ok := v.AsTable()
			if !ok {
				return
			}
			declared := map[string]bool{}
			for _, f := range m.Declaration.Functions {
				declared[f.Name] = true
			}
			for _, f := range m.Declaration.Constants {
				declared[f.Name] = true
			}
			has := vm.Function("has", func(c *vm.Call) error {
				field, err := c.Index(c.Arg(1), c.Arg(2))
				if err != nil {
					return err
				}
				return c.Return(vm.Bool(!field.IsNil()))
			})
			for name := range declared {
				if found, err := s.State().Current().Call(has, v, vm.String(name)); err != nil || !found[0].Truthy() {
					t.Errorf("module %s has no %s (%v)", m.Name, name, err)
				}
			}
			for k := range table.Fields {
				if name, _ := k.AsString(); !declared[name] {
					t.Errorf("module %s does not declare %s", m.Name, vm.Text(k))
				}
			}
		})
	}
}
