package decl

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Stub returns the module as a ---@meta file of the Lua language server.
func (m *Module) Stub() string {
	var s stub
	table := localName(m.Name)
	s.line("---@meta %s", m.Name)
	s.line("")
	for _, c := range m.Classes {
		s.class(c)
	}
	s.doc(m.Doc)
	s.line("---@class %s", m.Name)
	for _, f := range m.Constants {
		s.field(f)
	}
	s.line("local %s = {}", table)
	s.line("")
	for _, f := range m.Functions {
		s.function(table+".", f)
	}
	s.line("return %s", table)
	return s.String()
}

// AliasStub returns the stub of a second name for a module.
func (m *Module) AliasStub(alias string) string {
	return fmt.Sprintf("---@meta %s\n\nreturn require(%q)\n", alias, m.Name)
}

// StubFile returns the name of a module's stub, with slashes: "skynet/socket.lua".
func StubFile(module string) string { return strings.ReplaceAll(module, ".", "/") + ".lua" }

// WriteStubs writes the stubs of modules to a directory; the key of each is the name that scripts require.
func WriteStubs(dir string, modules map[string]*Module) error {
	for name, m := range modules {
		text := m.Stub()
		if name != m.Name {
			text = m.AliasStub(name)
		}
		file := StubFile(name)
		if !fs.ValidPath(file) {
			return fmt.Errorf("module name %q makes no file name", name)
		}
		file = filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// localName returns the last part of a module's name, as scripts name the local that they keep it in.
func localName(module string) string {
	name := module[strings.LastIndexByte(module, '.')+1:]
	if !isName(name) || slices.Contains(keywords, name) {
		return "M"
	}
	return name
}

// keywords are those of Lua 5.2 (manual section 3.1), and goto.
var keywords = []string{"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local",
	"nil", "not", "or", "repeat", "return", "then", "true", "until", "while"}

type stub struct{ strings.Builder }

func (s *stub) line(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

func (s *stub) doc(text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		s.line("---%s", line)
	}
}

func (s *stub) class(c Class) {
	s.doc(c.Doc)
	s.line("---@class %s", c.Name)
	for _, f := range c.Fields {
		s.field(f)
	}
	for _, f := range c.Operators {
		s.operator(f)
	}
	table := localName(c.Name)
	if len(c.Methods) > 0 {
		s.line("local %s = {}", table)
	}
	s.line("")
	for _, f := range c.Methods {
		s.function(table+":", f)
	}
}

func (s *stub) field(f Field) {
	name := f.Name
	if f.Optional {
		name += "?"
	}
	s.line("%s", join("---@field", name, f.Type, oneLine(f.Doc)))
}

// operators are the metamethods that the language server knows.
var operators = []string{"add", "sub", "mul", "div", "mod", "pow", "unm", "concat", "len", "call"}

func (s *stub) operator(f Function) {
	name := strings.TrimPrefix(f.Name, "__")
	if !slices.Contains(operators, name) || len(f.Results) == 0 {
		return
	}
	operand := ""
	if len(f.Params) > 1 && name != "unm" && name != "len" {
		operand = "(" + f.Params[1].Type + ")"
	}
	s.line("---@operator %s%s: %s", name, operand, f.Results[0].Type)
}

func (s *stub) function(prefix string, f Function) {
	s.doc(f.Doc)
	names := make([]string, len(f.Params))
	for i, p := range f.Params {
		names[i] = p.Name
		name := p.Name
		if p.Optional && name != "..." {
			name += "?"
		}
		s.line("%s", join("---@param", name, p.Type, oneLine(p.Doc)))
	}
	for _, r := range f.Results {
		s.line("%s", join("---@return", optionalType(r), resultName(r), oneLine(r.Doc)))
	}
	if slices.Contains(keywords, f.Name) {
		s.line("%s[%q] = function(%s) end", strings.TrimRight(prefix, ".:"), f.Name, strings.Join(names, ", "))
	} else {
		s.line("function %s%s(%s) end", prefix, f.Name, strings.Join(names, ", "))
	}
	s.line("")
}

func optionalType(r Value) string {
	if r.Optional && r.Type != "any" && !strings.HasSuffix(r.Type, "?") {
		return r.Type + "?"
	}
	return r.Type
}

// resultName is the name of a result where a description could be taken for it.
func resultName(r Value) string {
	if r.Name == "" && r.Doc != "" {
		return "#"
	}
	return r.Name
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
