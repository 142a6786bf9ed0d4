// Package decl says what Lua modules written in Go offer to scripts: names, types and documentation of functions,
// constants and objects. Editors get it as LuaLS stubs (Stub), readers as pages (Markdown).
//
// Types are written as the Lua language server writes them: string, integer, number, boolean, any, table, function, nil,
// string[], table<string, number>, fun(id: integer): string, "text"|"binary", string?, and names of classes.
package decl

// Module declares a Lua module.
type Module struct {
	Name      string // that scripts require
	Doc       string
	Constants []Field
	Functions []Function
	Classes   []Class
}

// Function declares a function, a method, or a metamethod.
type Function struct {
	Name    string
	Doc     string
	Params  []Value // the last may be named "..."
	Results []Value // names may be empty
}

// Value declares a parameter or a result.
type Value struct {
	Name     string
	Type     string
	Optional bool // may be absent or nil
	Doc      string
}

// Field declares a constant of a module, or a field of a class.
type Field struct {
	Name     string
	Type     string
	Optional bool
	Literal  string // a constant's value as Lua writes it, or ""
	Doc      string
}

// Class declares an object with methods, or a table with fields.
type Class struct {
	Name      string // "greet.counter": the module's name is part of it
	Doc       string
	Fields    []Field
	Methods   []Function // without self
	Operators []Function // metamethods, with all operands
}
