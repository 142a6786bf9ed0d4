package module

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/vm"
)

// converters knows how Go types and Lua values become each other. What it finds out about a type it keeps.
type converters struct {
	module   string                     // whose name the names of classes begin with
	types    map[reflect.Type]*userType // by the pointer type
	instance *provider                  // of what the module keeps for each service, or nil
	ins      sync.Map                   // reflect.Type -> decoder
	outs     sync.Map                   // reflect.Type -> encoder

	classes []decl.Class // of structs, as functions that mention them are bound
	named   map[reflect.Type]string
}

// maxDepth is how deep tables and Go values may nest when they are converted: a cycle ends there.
const maxDepth = 100

var (
	valueT    = reflect.TypeFor[vm.Value]()
	tableT    = reflect.TypeFor[*vm.Table]()
	callbackT = reflect.TypeFor[*Callback]()
	resultsT  = reflect.TypeFor[Results]()
	errorT    = reflect.TypeFor[error]()
	anyT      = reflect.TypeFor[any]()
	timeT     = reflect.TypeFor[time.Time]()
	durationT = reflect.TypeFor[time.Duration]()
)

// Results is any number of results of a function, as its only result.
type Results []any

// field is a field of a struct as Lua sees it.
type field struct {
	name     string
	index    []int
	required bool
	doc      string
	typ      reflect.Type
}

// fieldsOf returns the fields of a struct type, those of embedded structs included.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for _, f := range reflect.VisibleFields(t) {
		tag, tagged := f.Tag.Lookup("lua")
		if !f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct && !tagged || tag == "-" || throughPointer(t, f.Index) {
			continue
		}
		name, option, _ := strings.Cut(tag, ",")
		if name == "" {
			name = snake(f.Name)
		}
		fields = append(fields, field{name, f.Index, option == "required", f.Tag.Get("doc"), f.Type})
	}
	return fields
}

// throughPointer tells whether a promoted field belongs to a struct that is embedded by pointer, and may not be there.
func throughPointer(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// snake turns MaxSize into max_size, UserID into user_id and HTTPPort into http_port.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// check reports why values of type t can't pass between Go and Lua.
func (cv *converters) check(t reflect.Type) error { return cv.checkType(t, map[reflect.Type]bool{}) }

func (cv *converters) checkType(t reflect.Type, seen map[reflect.Type]bool) error {
	if seen[t] {
		return nil
	}
	seen[t] = true
	switch t {
	case valueT, tableT, callbackT, timeT, resultsT:
		return nil
	}
	if cv.types[t] != nil {
		return nil
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return cv.checkType(t.Elem(), seen)
	case reflect.Map:
		if err := cv.checkType(t.Key(), seen); err != nil {
			return err
		}
		return cv.checkType(t.Elem(), seen)
	case reflect.Struct:
		for _, f := range fieldsOf(t) {
			if err := cv.checkType(f.typ, seen); err != nil {
				return fmt.Errorf("field %s: %w", f.name, err)
			}
		}
		return nil
	case reflect.Func:
		for i := range t.NumIn() {
			if err := cv.checkType(t.In(i), seen); err != nil {
				return err
			}
		}
		for i := range t.NumOut() {
			if err := cv.checkType(t.Out(i), seen); err != nil {
				return err
			}
		}
		return nil
	case reflect.Chan, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Uintptr:
		return fmt.Errorf("Lua has nothing like a %s", t)
	}
	return nil
}
