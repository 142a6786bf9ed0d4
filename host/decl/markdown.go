package decl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Pages returns pages for people: one for each module, and README.md, which lists them. The keys of modules are the
// names that scripts require, aliases included.
func Pages(modules map[string]*Module) map[string]string {
	pages := map[string]string{}
	var index page
	index.line("# Modules\n\nThis folder is generated from the declarations of the bindings.\n")
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		m := modules[name]
		if name != m.Name {
			continue
		}
		var aliases []string
		for alias, other := range modules {
			if other == m && alias != name {
				aliases = append(aliases, alias)
			}
		}
		slices.Sort(aliases)
		pages[name+".md"] = m.Markdown(aliases...)
		index.line("- [%s](%s.md)%s: %s", name, name, alsoKnown(aliases), firstSentence(m.Doc))
	}
	pages["README.md"] = index.String()
	return pages
}

func alsoKnown(aliases []string) string {
	if len(aliases) == 0 {
		return ""
	}
	return " (" + strings.Join(aliases, ", ") + ")"
}

// firstSentence returns the beginning of a text, for a list.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(text, "\n\n")
	text = oneLine(text)
	if i := strings.Index(text, ". "); i >= 0 {
		text = text[:i+1]
	}
	return strings.TrimRight(text, ":")
}

// Markdown returns the module's page for people, with the other names that scripts may require.
func (m *Module) Markdown(aliases ...string) string {
	var p page
	p.line("# %s", m.Name)
	p.paragraph(m.Doc)
	if len(aliases) > 0 {
		p.line("\nAlso as %s.", "`"+strings.Join(aliases, "`, `")+"`")
	}
	p.line("")
	p.line("```lua")
	p.line("local %s = require %q", localName(m.Name), m.Name)
	p.line("```")
	prefix := localName(m.Name) + "."
	if len(m.Functions) > 0 {
		p.line("\n## Functions")
	}
	for _, f := range m.Functions {
		p.function(prefix, f)
	}
	if len(m.Constants) > 0 {
		p.line("\n## Fields\n")
		p.fields(prefix, m.Constants)
	}
	for _, c := range m.Classes {
		p.class(c)
	}
	return p.String()
}

type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) paragraph(text string) {
	if text != "" {
		p.line("\n%s", text)
	}
}

func (p *page) class(c Class) {
	p.line("\n## %s", c.Name)
	p.paragraph(c.Doc)
	if len(c.Fields) > 0 {
		p.line("")
		p.fields("", c.Fields)
	}
	prefix := localName(c.Name) + ":"
	for _, f := range c.Methods {
		p.function(prefix, f)
	}
	for _, f := range c.Operators {
		p.function("", f)
	}
}

func (p *page) fields(prefix string, fields []Field) {
	for _, f := range fields {
		item := "- `" + prefix + f.Name
		if f.Literal != "" {
			item += " = " + f.Literal
		}
		item += "`: " + typeText(f.Type, f.Optional)
		if f.Doc != "" {
			item += ", " + oneLine(f.Doc)
		}
		p.line("%s", item)
	}
}

func (p *page) function(prefix string, f Function) {
	p.line("\n### %s%s", prefix, f.Usage())
	p.paragraph(f.Doc)
	if len(f.Params) == 0 && len(f.Results) == 0 {
		return
	}
	p.line("")
	for _, v := range f.Params {
		p.value("`"+v.Name+"`", v)
	}
	for _, v := range f.Results {
		name := "returns"
		if v.Name != "" {
			name += " `" + v.Name + "`"
		}
		p.value(name, v)
	}
}

func (p *page) value(name string, v Value) {
	text := "- " + name + ": " + typeText(v.Type, v.Optional)
	if v.Doc != "" {
		text += ", " + oneLine(v.Doc)
	}
	p.line("%s", text)
}

func typeText(typ string, optional bool) string {
	text := "`" + typ + "`"
	if optional {
		text += ", optional"
	}
	return text
}

// Usage returns the function as one calls it: "hello(name [, count]) -> greeting".
func (f *Function) Usage() string {
	var b strings.Builder
	b.WriteString(f.Name + "(")
	open := 0
	for i, v := range f.Params {
		if v.Optional && v.Name != "..." && trailing(f.Params[i:]) {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString("[")
			open++
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(v.Name)
	}
	b.WriteString(strings.Repeat("]", open) + ")")
	for i, v := range f.Results {
		if i == 0 {
			b.WriteString(" -> ")
		} else {
			b.WriteString(", ")
		}
		if v.Name != "" {
			b.WriteString(v.Name)
		} else {
			b.WriteString(v.Type)
		}
	}
	return b.String()
}

// trailing tells whether all of the parameters may be left out.
func trailing(params []Value) bool {
	for _, p := range params {
		if !p.Optional && p.Name != "..." {
			return false
		}
	}
	return true
}
