package decl_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/luahost/luahost/host/decl"
)

func TestParseSignature(t *testing.T) {
	type values = []decl.Value
	for _, test := range []struct {
		text string
		want decl.Function
	}{
		{"f()", decl.Function{Name: "f"}},
		{"f(a, b?) -> c", decl.Function{Name: "f", Params: values{{Name: "a"}, {Name: "b", Optional: true}}, Results: values{{Name: "c"}}}},
		{" f ( a : string | nil , ... : any ) ", decl.Function{Name: "f", Params: values{{Name: "a", Type: "string | nil"}, {Name: "...", Type: "any"}}}},
		{"f(g: fun(a: integer, b?: string): boolean, t: table<string, number[]>) -> h: fun(): (x: integer), n: integer?",
			decl.Function{Name: "f",
				Params:  values{{Name: "g", Type: "fun(a: integer, b?: string): boolean"}, {Name: "t", Type: "table<string, number[]>"}},
				Results: values{{Name: "h", Type: "fun(): (x: integer)"}, {Name: "n", Type: "integer?"}}}},
		{`f(mode?: "r"|"w,)") -> ok?: boolean`, decl.Function{Name: "f",
			Params:  values{{Name: "mode", Type: `"r"|"w,)"`, Optional: true}},
			Results: values{{Name: "ok", Type: "boolean", Optional: true}}}},
		{"f(o: { a: integer, b: string })", decl.Function{Name: "f", Params: values{{Name: "o", Type: "{ a: integer, b: string }"}}}},
		{"__add(a, b)", decl.Function{Name: "__add", Params: values{{Name: "a"}, {Name: "b"}}}},
	} {
		got, err := decl.ParseSignature(test.text)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %+v, %v, want %+v", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"", "f", "f(", "(a)", "f(a", "1f()", "f(a b)", "f(a,)", "f(,a)", "f(..., a)", "f() c", "f() ->", "f(a:)", "f(a) -> ", "f() -> 1", "f.g()"} {
		if f, err := decl.ParseSignature(text); err == nil {
			t.Errorf("%q: got %+v instead of an error", text, f)
		}
	}
}

func FuzzParseSignature(f *testing.F) {
	f.Add("f(a?: string, ...: any) -> b: fun(x: integer): string, c")
	f.Add(`f("`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := decl.ParseSignature(text)
		if err == nil && !strings.Contains(text, d.Name) {
			t.Errorf("%q: name %q", text, d.Name)
		}
	})
}

var greet = decl.Module{
	Name:      "my.greet",
	Doc:       "Greets people.\nIn two lines.",
	Constants: []decl.Field{{Name: "version", Type: "string", Literal: `"1.0"`, Doc: "of the module"}},
	Functions: []decl.Function{
		{Name: "hello", Doc: "Says hello.",
			Params:  []decl.Value{{Name: "name", Type: "string"}, {Name: "times", Type: "integer", Optional: true, Doc: "how often"}, {Name: "...", Type: "any"}},
			Results: []decl.Value{{Name: "text", Type: "string"}, {Name: "err", Type: "string", Optional: true}}},
		{Name: "end"},
	},
	Classes: []decl.Class{{
		Name: "my.greet.person", Doc: "Somebody.",
		Fields:    []decl.Field{{Name: "age", Type: "integer", Optional: true}},
		Methods:   []decl.Function{{Name: "rename", Params: []decl.Value{{Name: "name", Type: "string"}}}},
		Operators: []decl.Function{{Name: "__add", Params: []decl.Value{{Name: "a", Type: "my.greet.person"}, {Name: "b", Type: "my.greet.person"}}, Results: []decl.Value{{Type: "my.greet.person"}}}},
	}},
}

func TestStub(t *testing.T) {
	want := `---@meta my.greet

---Somebody.
---@class my.greet.person
---@field age? integer
---@operator add(my.greet.person): my.greet.person
local person = {}

---@param name string
function person:rename(name) end

---Greets people.
---In two lines.
---@class my.greet
---@field version string of the module
local greet = {}

---Says hello.
---@param name string
---@param times? integer how often
---@param ... any
---@return string text
---@return string? err
function greet.hello(name, times, ...) end

greet["end"] = function() end

return greet
`
	if got := greet.Stub(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWriteStubs(t *testing.T) {
	dir := t.TempDir()
	if err := decl.WriteStubs(dir, map[string]*decl.Module{"my.greet": &greet, "hi": &greet}); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"my/greet.lua": greet.Stub(), "hi.lua": "---@meta hi\n\nreturn require(\"my.greet\")\n"} {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v", file, got, err)
		}
	}
	if err := decl.WriteStubs(dir, map[string]*decl.Module{"../x": &greet}); err == nil {
		t.Error("a name that leads out of the directory was taken")
	}
}

func TestPages(t *testing.T) {
	pages := decl.Pages(map[string]*decl.Module{"my.greet": &greet, "hi": &greet})
	want := `# my.greet

Greets people.
In two lines.

Also as ` + "`hi`" + `.

` + "```lua" + `
local greet = require "my.greet"
` + "```" + `

## Functions

### greet.hello(name [, times, ...]) -> text, err

Says hello.

- ` + "`name`: `string`" + `
- ` + "`times`: `integer`" + `, optional, how often
- ` + "`...`: `any`" + `
- returns ` + "`text`: `string`" + `
- returns ` + "`err`: `string`" + `, optional

### greet.end()

## Fields

- ` + "`greet.version = \"1.0\"`: `string`" + `, of the module

## my.greet.person

Somebody.

- ` + "`age`: `integer`" + `, optional

### person:rename(name)

- ` + "`name`: `string`" + `

### __add(a, b) -> my.greet.person

- ` + "`a`: `my.greet.person`" + `
- ` + "`b`: `my.greet.person`" + `
- returns: ` + "`my.greet.person`" + `
`
	if got := pages["my.greet.md"]; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := pages["README.md"], "- [my.greet](my.greet.md) (hi): Greets people."; !strings.Contains(got, want) || len(pages) != 2 {
		t.Errorf("got %d pages and the index\n%s", len(pages), got)
	}
}
