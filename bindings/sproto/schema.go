// Package sproto implements sproto, skynet's serialisation by schema: the wire format, the packing of zero bytes, the
// schema language and its binary form. Scripts use it by the Lua modules sproto, sprotoparser and sprotoloader.
package sproto

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
)

// Schema is the types and protocols that a schema describes. It is immutable.
type Schema struct {
	Types     []*Type     // by name
	Protocols []*Protocol // by tag
	types     map[string]*Type
	names     map[string]*Protocol
}

// Type is a struct.
type Type struct {
	Name   string
	Fields []*Field // by tag
}

// Kind is the type of a field's values.
type Kind uint8

const (
	Integer Kind = iota
	Boolean
	String
	Double
	Struct
)

// Field is one of a struct.
type Field struct {
	Name   string
	Tag    int
	Kind   Kind
	Digits int   // decimal ones that an integer keeps, 0 to 9
	Binary bool  // a string that is no text
	Type   *Type // of a struct
	Array  bool
	Key    *Field // by which an array of structs is indexed, or nil
	Map    bool   // an array of structs of two fields is a table of the second by the first
}

// Protocol is a request and its response.
type Protocol struct {
	Name     string
	Tag      int
	Request  *Type
	Response *Type // or nil
	Confirm  bool  // there is a response without content
}

// Type returns a type by name, or nil.
func (s *Schema) Type(name string) *Type { return s.types[name] }

// Protocol returns a protocol by name, or nil.
func (s *Schema) Protocol(name string) *Protocol { return s.names[name] }

// ProtocolOf returns a protocol by tag, or nil.
func (s *Schema) ProtocolOf(tag int) *Protocol {
	i := sort.Search(len(s.Protocols), func(i int) bool { return s.Protocols[i].Tag >= tag })
	if i < len(s.Protocols) && s.Protocols[i].Tag == tag {
		return s.Protocols[i]
	}
	return nil
}

// Field returns a field by tag, or nil.
func (t *Type) Field(tag int) *Field {
	i := sort.Search(len(t.Fields), func(i int) bool { return t.Fields[i].Tag >= tag })
	if i < len(t.Fields) && t.Fields[i].Tag == tag {
		return t.Fields[i]
	}
	return nil
}

// index makes what finds types and protocols.
func (s *Schema) index() {
	s.types, s.names = map[string]*Type{}, map[string]*Protocol{}
	for _, t := range s.Types {
		s.types[t.Name] = t
	}
	for _, p := range s.Protocols {
		s.names[p.Name] = p
	}
}

// The wire format: a count of words; a word for each field, in the order of tags: 0 when the value is in the data, an
// even number n for the value n/2-1, an odd one to leave out (n+1)/2 tags; then the data, each with its length in 4 bytes.

const (
	wordSize   = 2
	lengthSize = 4
	maxInline  = 0x7fff // values below are in the field's word
)

// writer makes the bytes of a struct.
type writer struct {
	words []uint16
	data  []byte
	next  int // tag
}

func (w *writer) word(tag int, v uint16) error {
	if skip := tag - w.next; skip > 0 {
		if n := (skip-1)*2 + 1; n <= math.MaxUint16 {
			w.words = append(w.words, uint16(n))
		} else {
			return fmt.Errorf("tag %d is too far from the one before", tag)
		}
	}
	w.words = append(w.words, v)
	w.next = tag + 1
	return nil
}

// bytes adds a field whose value is in the data.
func (w *writer) bytes(tag int, b []byte) error {
	w.data = appendSized(w.data, b)
	return w.word(tag, 0)
}

func appendSized[T string | []byte](to []byte, b T) []byte {
	return append(binary.LittleEndian.AppendUint32(to, uint32(len(b))), b...)
}

// integer adds an integer field.
func (w *writer) integer(tag int, v int64) error {
	switch {
	case v >= 0 && v < maxInline:
		return w.word(tag, uint16(v+1)*2)
	case v == int64(int32(v)):
		return w.bytes(tag, binary.LittleEndian.AppendUint32(nil, uint32(v)))
	}
	return w.bytes(tag, binary.LittleEndian.AppendUint64(nil, uint64(v)))
}

func (w *writer) encoded() []byte {
	b := make([]byte, 0, wordSize*(1+len(w.words))+len(w.data))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(w.words)))
	for _, v := range w.words {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return append(b, w.data...)
}

var errWire = errors.New("invalid sproto data")

// wireField is a field as it was read: a value, or bytes.
type wireField struct {
	tag   int
	value int // when bytes is nil
	bytes []byte
}

// readFields takes a struct apart. It returns how many bytes the struct has.
func readFields(b []byte, take func(wireField) error) (size int, err error) {
	if len(b) < wordSize {
		return 0, errWire
	}
	count := int(binary.LittleEndian.Uint16(b))
	at := wordSize * (1 + count)
	if len(b) < at {
		return 0, errWire
	}
	tag := -1
	for i := range count {
		v := int(binary.LittleEndian.Uint16(b[wordSize*(1+i):]))
		tag++
		if v&1 != 0 {
			tag += v / 2
			continue
		}
		f := wireField{tag: tag, value: v/2 - 1}
		if v == 0 {
			if f.bytes, at, err = readSized(b, at); err != nil {
				return 0, err
			}
		}
		if err := take(f); err != nil {
			return 0, err
		}
	}
	return at, nil
}

func readSized(b []byte, at int) (content []byte, next int, err error) {
	if len(b)-at < lengthSize {
		return nil, 0, errWire
	}
	n := int(binary.LittleEndian.Uint32(b[at:]))
	at += lengthSize
	if n < 0 || len(b)-at < n {
		return nil, 0, errWire
	}
	return b[at : at+n : at+n], at + n, nil
}

// integer returns the value of an integer field.
func (f wireField) integer() (int64, error) {
	switch {
	case f.bytes == nil:
		return int64(f.value), nil
	case len(f.bytes) == 4:
		return int64(int32(binary.LittleEndian.Uint32(f.bytes))), nil
	case len(f.bytes) == 8:
		return int64(binary.LittleEndian.Uint64(f.bytes)), nil
	}
	return 0, errWire
}

// The binary form of a schema is itself a struct, with the tags that these names give.
const (
	groupTypes, groupProtocols                                   = 0, 1
	typeName, typeFields                                         = 0, 1
	fieldName, fieldBuiltin, fieldType, fieldTag, fieldArray     = 0, 1, 2, 3, 4
	fieldKey, fieldMap                                           = 5, 6
	protocolName, protocolTag, protocolRequest, protocolResponse = 0, 1, 2, 3
	protocolConfirm                                              = 4
)

// Binary returns the schema's binary form.
func (s *Schema) Binary() []byte {
	indexes := map[*Type]int{}
	for i, t := range s.Types {
		indexes[t] = i
	}
	var types, protocols []byte
	for _, t := range s.Types {
		types = appendSized(types, t.binary(indexes))
	}
	for _, p := range s.Protocols {
		protocols = appendSized(protocols, p.binary(indexes))
	}
	var w writer
	if len(types) > 0 {
		_ = w.bytes(groupTypes, types)
	}
	if len(protocols) > 0 {
		_ = w.bytes(groupProtocols, protocols)
	}
	return w.encoded()
}

func (t *Type) binary(indexes map[*Type]int) []byte {
	var fields []byte
	for _, f := range t.Fields {
		fields = appendSized(fields, f.binary(indexes))
	}
	var w writer
	_ = w.bytes(typeName, []byte(t.Name))
	if len(fields) > 0 {
		_ = w.bytes(typeFields, fields)
	}
	return w.encoded()
}

func (f *Field) binary(indexes map[*Type]int) []byte {
	var w writer
	_ = w.bytes(fieldName, []byte(f.Name))
	if f.Kind == Struct {
		_ = w.integer(fieldType, int64(indexes[f.Type]))
	} else {
		_ = w.integer(fieldBuiltin, int64(f.Kind))
		switch {
		case f.Digits > 0:
			_ = w.integer(fieldType, int64(f.Digits))
		case f.Binary:
			_ = w.integer(fieldType, 1)
		}
	}
	_ = w.integer(fieldTag, int64(f.Tag))
	if f.Array {
		_ = w.integer(fieldArray, 1)
	}
	if f.Key != nil {
		_ = w.integer(fieldKey, int64(f.Key.Tag))
	}
	if f.Map {
		_ = w.integer(fieldMap, 1)
	}
	return w.encoded()
}

func (p *Protocol) binary(indexes map[*Type]int) []byte {
	var w writer
	_ = w.bytes(protocolName, []byte(p.Name))
	_ = w.integer(protocolTag, int64(p.Tag))
	if p.Request != nil {
		_ = w.integer(protocolRequest, int64(indexes[p.Request]))
	}
	if p.Response != nil {
		_ = w.integer(protocolResponse, int64(indexes[p.Response]))
	}
	if p.Confirm {
		_ = w.integer(protocolConfirm, 1)
	}
	return w.encoded()
}

var errSchema = errors.New("invalid sproto schema")

// Load reads the binary form of a schema.
func Load(b []byte) (*Schema, error) {
	s := &Schema{}
	var types, protocols [][]byte
	_, err := readFields(b, func(f wireField) (err error) {
		switch f.tag {
		case groupTypes:
			types, err = split(f.bytes)
		case groupProtocols:
			protocols, err = split(f.bytes)
		}
		return err
	})
	if err != nil {
		return nil, errSchema
	}
	for range types {
		s.Types = append(s.Types, &Type{})
	}
	for i, b := range types {
		if err := s.loadType(s.Types[i], b); err != nil {
			return nil, errSchema
		}
	}
	for _, b := range protocols {
		p, err := s.loadProtocol(b)
		if err != nil {
			return nil, errSchema
		}
		s.Protocols = append(s.Protocols, p)
	}
	sort.SliceStable(s.Protocols, func(i, j int) bool { return s.Protocols[i].Tag < s.Protocols[j].Tag })
	for _, t := range s.Types {
		for _, f := range t.Fields {
			if err := f.finish(); err != nil {
				return nil, err
			}
		}
	}
	s.index()
	return s, nil
}

// finish looks up the key's field, of which loadField knows the tag.
func (f *Field) finish() error {
	if f.Key != nil {
		if f.Kind != Struct || !f.Array {
			return errSchema
		}
		if f.Key = f.Type.Field(f.Key.Tag); f.Key == nil {
			return errSchema
		}
	}
	if f.Map && (f.Kind != Struct || len(f.Type.Fields) != 2) {
		return errSchema
	}
	return nil
}

// split returns the elements of an array of structs or strings.
func split(b []byte) (list [][]byte, err error) {
	for at := 0; at < len(b); {
		var e []byte
		if e, at, err = readSized(b, at); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (s *Schema) loadType(t *Type, b []byte) error {
	_, err := readFields(b, func(w wireField) error {
		switch w.tag {
		case typeName:
			t.Name = string(w.bytes)
		case typeFields:
			fields, err := split(w.bytes)
			if err != nil {
				return err
			}
			for _, b := range fields {
				f, err := s.loadField(b)
				if err != nil {
					return err
				}
				t.Fields = append(t.Fields, f)
			}
		}
		return nil
	})
	sort.SliceStable(t.Fields, func(i, j int) bool { return t.Fields[i].Tag < t.Fields[j].Tag })
	return err
}

func (s *Schema) loadField(b []byte) (*Field, error) {
	f := &Field{Kind: Struct, Tag: -1}
	extra := int64(-1)
	_, err := readFields(b, func(w wireField) error {
		if w.tag == fieldName {
			f.Name = string(w.bytes)
			return nil
		}
		v, err := w.integer()
		switch w.tag {
		case fieldBuiltin:
			if v < 0 || v > int64(Double) {
				return errSchema
			}
			f.Kind = Kind(v)
		case fieldType:
			extra = v
		case fieldTag:
			f.Tag = int(v)
		case fieldArray:
			f.Array = v != 0
		case fieldKey:
			f.Key = &Field{Tag: int(v)}
		case fieldMap:
			f.Map = v != 0
		}
		return err
	})
	if err != nil || f.Tag < 0 {
		return nil, errSchema
	}
	switch {
	case f.Kind == Struct:
		if extra < 0 || extra >= int64(len(s.Types)) {
			return nil, errSchema
		}
		f.Type = s.Types[extra]
	case f.Kind == Integer && extra > 0:
		f.Digits = int(min(extra, maxDigits))
	case f.Kind == String:
		f.Binary = extra == 1
	}
	return f, nil
}

func (s *Schema) loadProtocol(b []byte) (*Protocol, error) {
	p := &Protocol{Tag: -1}
	typeAt := func(v int64) (*Type, error) {
		if v < 0 || v >= int64(len(s.Types)) {
			return nil, errSchema
		}
		return s.Types[v], nil
	}
	_, err := readFields(b, func(w wireField) (err error) {
		if w.tag == protocolName {
			p.Name = string(w.bytes)
			return nil
		}
		v, err := w.integer()
		if err != nil {
			return err
		}
		switch w.tag {
		case protocolTag:
			p.Tag = int(v)
		case protocolRequest:
			p.Request, err = typeAt(v)
		case protocolResponse:
			p.Response, err = typeAt(v)
		case protocolConfirm:
			p.Confirm = v != 0
		}
		return err
	})
	if err != nil || p.Tag < 0 {
		return nil, errSchema
	}
	return p, nil
}

// String describes the schema, for people.
func (s *Schema) String() string {
	var b strings.Builder
	for _, t := range s.Types {
		fmt.Fprintf(&b, "%s\n", t.Name)
		for _, f := range t.Fields {
			fmt.Fprintf(&b, "\t%s (%d) %s\n", f.Name, f.Tag, f.typeName())
		}
	}
	for _, p := range s.Protocols {
		fmt.Fprintf(&b, "=== %d %s", p.Tag, p.Name)
		if p.Request != nil {
			fmt.Fprintf(&b, " request:%s", p.Request.Name)
		}
		if p.Response != nil {
			fmt.Fprintf(&b, " response:%s", p.Response.Name)
		} else if p.Confirm {
			b.WriteString(" response:nil")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (f *Field) typeName() string {
	name := [...]string{"integer", "boolean", "string", "double", ""}[f.Kind]
	switch {
	case f.Kind == Struct:
		name = f.Type.Name
	case f.Binary:
		name = "binary"
	case f.Digits > 0:
		name = fmt.Sprintf("integer(%d)", f.Digits)
	}
	if f.Array {
		name = "*" + name
	}
	if f.Map {
		name += "()"
	} else if f.Key != nil {
		name += "(" + f.Key.Name + ")"
	}
	return name
}

// sortTypes puts types in the order that the binary form has.
func sortTypes(types []*Type) {
	slices.SortFunc(types, func(a, b *Type) int { return strings.Compare(a.Name, b.Name) })
}
