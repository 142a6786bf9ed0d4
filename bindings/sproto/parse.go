package sproto

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// maxDigits is how many decimal digits integer(n) may keep, and maxTag the highest tag of a field or protocol.
const (
	maxDigits = 9
	maxTag    = 0x7ffe
)

// Parse reads a schema:
//
//	.Type { name 0 : string   list 1 : *integer   people 2 : *Person(id) }   # types may be nested
//	protocol 1 { request Type   response { ok 0 : boolean } }
//
// The error names the text, as name, and the line.
func Parse(text, name string) (*Schema, error) {
	p := &parser{text: text, name: name, line: 1, types: map[string]*parsedType{}}
	var protocols []*parsedProtocol
	for {
		p.skipSpace()
		switch {
		case p.text == "":
			return p.schema(protocols)
		case p.text[0] == '.':
			p.text = p.text[1:]
			if err := p.typ(""); err != nil {
				return nil, err
			}
		default:
			q, err := p.protocol()
			if err != nil {
				return nil, err
			}
			protocols = append(protocols, q)
		}
	}
}

type parser struct {
	text  string // that is left
	name  string
	line  int
	types map[string]*parsedType
}

// parsedType is a type whose fields' types are not looked up yet.
type parsedType struct {
	*Type
	fields []*parsedField
}

type parsedField struct {
	*Field
	typ  string
	key  string
	line int
}

type parsedProtocol struct {
	*Protocol
	request, response string // types; "" when there is none
	line              int
}

func (p *parser) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.name, line, fmt.Sprintf(format, args...))
}

// skipSpace skips blanks and comments, which begin with #.
func (p *parser) skipSpace() {
	for p.text != "" {
		switch c := p.text[0]; c {
		case '\n':
			p.line++
		case ' ', '\t', '\r', ',', ';':
		case '#':
			if end := strings.IndexByte(p.text, '\n'); end >= 0 {
				p.text = p.text[end:]
			} else {
				p.text = ""
			}
			continue
		default:
			return
		}
		p.text = p.text[1:]
	}
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// word takes a name; dots are part of it if dotted.
func (p *parser) word(dotted bool) (string, error) {
	p.skipSpace()
	n := 0
	for n < len(p.text) && (isLetter(p.text[n]) || n > 0 && (isDigit(p.text[n]) || dotted && p.text[n] == '.')) {
		n++
	}
	if n == 0 {
		return "", p.unexpected("a name")
	}
	word := p.text[:n]
	p.text = p.text[n:]
	return word, nil
}

func (p *parser) unexpected(want string) error {
	got := "the end"
	if p.text != "" {
		got, _, _ = strings.Cut(p.text, "\n")
		got = strconv.Quote(strings.TrimSpace(got))
	}
	return p.errorf(p.line, "syntax error: want %s, got %s", want, got)
}

// symbol takes a character.
func (p *parser) symbol(c byte) error {
	if !p.accept(c) {
		return p.unexpected(strconv.QuoteRune(rune(c)))
	}
	return nil
}

func (p *parser) accept(c byte) bool {
	p.skipSpace()
	if p.text == "" || p.text[0] != c {
		return false
	}
	p.text = p.text[1:]
	return true
}

func (p *parser) number(most int) (int, error) {
	p.skipSpace()
	n := 0
	for n < len(p.text) && isDigit(p.text[n]) {
		n++
	}
	v, err := strconv.Atoi(p.text[:n])
	if err != nil {
		return 0, p.unexpected("a number")
	}
	if v > most {
		return 0, p.errorf(p.line, "%d is too large: the most is %d", v, most)
	}
	p.text = p.text[n:]
	return v, nil
}

// typ reads "Name { fields }"; outer is the name of the type around it, or "".
func (p *parser) typ(outer string) error {
	name, err := p.word(false)
	if err != nil {
		return err
	}
	return p.structure(join(outer, name))
}

func join(outer, name string) string {
	if outer == "" {
		return name
	}
	return outer + "." + name
}

// structure reads "{ fields }" and makes a type of them.
func (p *parser) structure(name string) error {
	t := &parsedType{Type: &Type{Name: name}}
	if p.types[name] != nil {
		return p.errorf(p.line, "redefined type %s", name)
	}
	p.types[name] = t
	if err := p.symbol('{'); err != nil {
		return err
	}
	for !p.accept('}') {
		if p.accept('.') {
			if err := p.typ(name); err != nil {
				return err
			}
			continue
		}
		f, err := p.field()
		if err != nil {
			return err
		}
		for _, other := range t.fields {
			if other.Tag == f.Tag {
				return p.errorf(f.line, "redefined tag %d in type %s", f.Tag, name)
			}
			if other.Name == f.Name {
				return p.errorf(f.line, "redefined name %s in type %s", f.Name, name)
			}
		}
		t.fields = append(t.fields, f)
	}
	return nil
}

// field reads "name tag : *type(key)".
func (p *parser) field() (*parsedField, error) {
	f := &parsedField{Field: &Field{}}
	var err error
	if f.Name, err = p.word(false); err != nil {
		return nil, err
	}
	f.line = p.line
	if f.Tag, err = p.number(maxTag); err != nil {
		return nil, err
	}
	if err = p.symbol(':'); err != nil {
		return nil, err
	}
	f.Array = p.accept('*')
	if f.typ, err = p.word(true); err != nil {
		return nil, err
	}
	if !p.accept('(') {
		return f, nil
	}
	switch {
	case p.accept(')'):
		f.Map = true
		return f, nil
	case f.typ == "integer":
		f.Digits, err = p.number(maxDigits)
	default:
		f.key, err = p.word(false)
	}
	if err != nil {
		return nil, err
	}
	return f, p.symbol(')')
}

// protocol reads "name tag { request T response T }".
func (p *parser) protocol() (*parsedProtocol, error) {
	q := &parsedProtocol{Protocol: &Protocol{}}
	var err error
	if q.Name, err = p.word(false); err != nil {
		return nil, err
	}
	q.line = p.line
	if q.Tag, err = p.number(0xffff); err != nil {
		return nil, err
	}
	if err = p.symbol('{'); err != nil {
		return nil, err
	}
	for !p.accept('}') {
		part, err := p.word(false)
		if err != nil {
			return nil, err
		}
		typ, err := p.partType(q.Name, part)
		switch {
		case err != nil:
			return nil, err
		case part == "request" && q.request == "":
			q.request = typ
		case part == "response" && typ == "nil":
			q.Confirm = true
		case part == "response" && q.response == "":
			q.response = typ
		default:
			return nil, p.errorf(q.line, "protocol %s: want one request and one response, got %s", q.Name, part)
		}
	}
	return q, nil
}

// partType reads the type of a request or response, which may be written in place.
func (p *parser) partType(protocol, part string) (string, error) {
	p.skipSpace()
	if p.text == "" || p.text[0] != '{' {
		return p.word(true)
	}
	name := join(protocol, part)
	return name, p.structure(name)
}

var builtins = map[string]Kind{"integer": Integer, "boolean": Boolean, "string": String, "binary": String, "double": Double}

// lookUp finds a type by its name as written in the type outer: there, or in those around it.
func (p *parser) lookUp(outer, name string) *parsedType {
	for {
		if t := p.types[join(outer, name)]; t != nil {
			return t
		}
		if outer == "" {
			return nil
		}
		i := strings.LastIndexByte(outer, '.')
		outer = outer[:max(i, 0)]
	}
}

func (p *parser) schema(protocols []*parsedProtocol) (*Schema, error) {
	s := &Schema{}
	for _, t := range p.types {
		for _, f := range t.fields {
			if err := p.resolve(t, f); err != nil {
				return nil, err
			}
			t.Fields = append(t.Fields, f.Field)
		}
		sort.Slice(t.Fields, func(i, j int) bool { return t.Fields[i].Tag < t.Fields[j].Tag })
		s.Types = append(s.Types, t.Type)
	}
	sortTypes(s.Types)
	for _, t := range p.types {
		for _, f := range t.fields {
			if err := p.resolveKey(t, f); err != nil {
				return nil, err
			}
		}
	}
	for _, q := range protocols {
		if err := p.resolveProtocol(s, q); err != nil {
			return nil, err
		}
	}
	sort.Slice(s.Protocols, func(i, j int) bool { return s.Protocols[i].Tag < s.Protocols[j].Tag })
	s.index()
	return s, nil
}

func (p *parser) resolve(t *parsedType, f *parsedField) error {
	if kind, ok := builtins[f.typ]; ok {
		f.Kind, f.Binary = kind, f.typ == "binary"
		if f.key != "" || f.Map {
			return p.errorf(f.line, "%s.%s: a key needs an array of structs", t.Name, f.Name)
		}
		return nil
	}
	found := p.lookUp(t.Name, f.typ)
	if found == nil {
		return p.errorf(f.line, "Undefined type %s in type %s", f.typ, t.Name)
	}
	f.Kind, f.Type = Struct, found.Type
	return nil
}

// resolveKey looks up the key of an array, when all types have their fields.
func (p *parser) resolveKey(t *parsedType, f *parsedField) error {
	if f.key == "" && !f.Map {
		return nil
	}
	if !f.Array {
		return p.errorf(f.line, "%s.%s: a key needs an array of structs", t.Name, f.Name)
	}
	if f.Map {
		if len(f.Type.Fields) != 2 {
			return p.errorf(f.line, "%s.%s: %s can't be a map, it has not two fields", t.Name, f.Name, f.typ)
		}
		f.Key = f.Type.Fields[0]
		return nil
	}
	for _, k := range f.Type.Fields {
		if k.Name == f.key && k.Kind != Struct && !k.Array {
			f.Key = k
			return nil
		}
	}
	return p.errorf(f.line, "Invalid map index :%s.%s(%s)", t.Name, f.Name, f.key)
}

func (p *parser) resolveProtocol(s *Schema, q *parsedProtocol) error {
	for _, part := range []struct {
		name string
		typ  **Type
	}{{q.request, &q.Request}, {q.response, &q.Response}} {
		if part.name == "" {
			continue
		}
		t := p.lookUp(q.Name, part.name)
		if t == nil {
			return p.errorf(q.line, "Undefined type %s in protocol %s", part.name, q.Name)
		}
		*part.typ = t.Type
	}
	for _, other := range s.Protocols {
		if other.Tag == q.Tag {
			return p.errorf(q.line, "redefined protocol tag %d", q.Tag)
		}
		if other.Name == q.Name {
			return p.errorf(q.line, "redefined protocol name %s", q.Name)
		}
	}
	s.Protocols = append(s.Protocols, q.Protocol)
	return nil
}
