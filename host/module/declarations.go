package module

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/decl"
)

// Declarations returns what modules say of themselves, by the names that scripts require.
func Declarations(modules ...host.Module) map[string]*decl.Module {
	declared := map[string]*decl.Module{}
	for _, m := range modules {
		if m.Declaration != nil {
			declared[m.Name] = m.Declaration
		}
	}
	return declared
}

// WriteTypes writes the declarations of modules to a directory, for the Lua language server, and returns how many modules
// that are.
func WriteTypes(dir string, modules ...host.Module) (int, error) {
	declared := Declarations(modules...)
	return len(declared), decl.WriteStubs(dir, declared)
}
