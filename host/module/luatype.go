package module

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/luahost/luahost/host/decl"
)

// luaType returns the type of Lua values that stand for a Go type, as package decl writes types. Structs with a name
// are declared as classes.
func (c *converters) luaType(t reflect.Type) string {
	switch t {
	case valueT, anyT:
		return "any"
	case tableT:
		return "table"
	case callbackT:
		return "function"
	case timeT, durationT:
		return "number"
	}
	if u := c.types[t]; u != nil {
		return u.class
	}
	if t.Implements(errorT) {
		return "string?"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Slice, reflect.Array:
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
			return "string"
		}
		return bracket(c.luaType(t.Elem())) + "[]"
	case reflect.Map:
		return fmt.Sprintf("table<%s, %s>", c.luaType(t.Key()), c.luaType(t.Elem()))
	case reflect.Struct:
		return c.structType(t)
	case reflect.Pointer:
		return optional(c.luaType(t.Elem()))
	case reflect.Interface:
		return "userdata"
	case reflect.Func:
		return c.funcType(t)
	}
	return "integer"
}

func optional(typ string) string {
	if typ == "any" || strings.HasSuffix(typ, "?") {
		return typ
	}
	return bracket(typ) + "?"
}

// bracket keeps a suffix from binding to a part of a type.
func bracket(typ string) string {
	if strings.ContainsAny(typ, "?|") || strings.HasPrefix(typ, "fun(") {
		return "(" + typ + ")"
	}
	return typ
}

func (c *converters) structType(t reflect.Type) string {
	if name, ok := c.named[t]; ok {
		return name
	}
	if t.Name() == "" {
		var fields []string
		for _, f := range fieldsOf(t) {
			fields = append(fields, f.name+": "+c.luaType(f.typ))
		}
		return "{ " + strings.Join(fields, ", ") + " }"
	}
	name := c.module + "." + snake(t.Name())
	if c.named == nil {
		c.named = map[reflect.Type]string{}
	}
	c.named[t] = name
	class := decl.Class{Name: name}
	for _, f := range fieldsOf(t) {
		typ, isOptional := strings.CutSuffix(c.luaType(f.typ), "?")
		class.Fields = append(class.Fields, decl.Field{
			Name: f.name, Type: typ, Optional: isOptional || !f.required, Doc: f.doc,
		})
	}
	c.classes = append(c.classes, class)
	return name
}

func (c *converters) funcType(t reflect.Type) string {
	var params, results []string
	for i := range t.NumIn() {
		in := t.In(i)
		if t.IsVariadic() && i == t.NumIn()-1 {
			params = append(params, "...: "+c.luaType(in.Elem()))
			continue
		}
		params = append(params, fmt.Sprintf("%c: %s", 'a'+i, c.luaType(in)))
	}
	for i := range t.NumOut() {
		if out := t.Out(i); out != errorT || i < t.NumOut()-1 {
			results = append(results, c.luaType(out))
		}
	}
	typ := "fun(" + strings.Join(params, ", ") + ")"
	if len(results) > 0 {
		typ += ": " + strings.Join(results, ", ")
	}
	return typ
}
