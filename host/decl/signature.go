package decl

import (
	"fmt"
	"strings"
)

// ParseSignature reads the declaration of a function:
//
//	name(param, param?: type, ...: type) -> result: type, result?
//
// A type may be left out where it is known from elsewhere. A question mark behind a name stands for what may be absent
// or nil.
func ParseSignature(text string) (Function, error) {
	name, rest, ok := strings.Cut(text, "(")
	name = strings.TrimSpace(name)
	if !ok || !isName(name) {
		return Function{}, fmt.Errorf("signature %q: want name(params) -> results", text)
	}
	params, rest, ok := cutParen(rest)
	if !ok {
		return Function{}, fmt.Errorf("signature %q: no closing parenthesis", text)
	}
	f := Function{Name: name}
	var err error
	if f.Params, err = parseValues(params); err != nil {
		return Function{}, fmt.Errorf("signature %q: %w", text, err)
	}
	for i, p := range f.Params {
		if p.Name == "..." && i < len(f.Params)-1 {
			return Function{}, fmt.Errorf("signature %q: ... is not the last parameter", text)
		}
	}
	if rest = strings.TrimSpace(rest); rest != "" {
		results, ok := strings.CutPrefix(rest, "->")
		if !ok || strings.TrimSpace(results) == "" {
			return Function{}, fmt.Errorf("signature %q: want -> and results behind the parameters", text)
		}
		if f.Results, err = parseValues(results); err != nil {
			return Function{}, fmt.Errorf("signature %q: %w", text, err)
		}
	}
	return f, nil
}

// cutParen splits text at the parenthesis that closes an open one.
func cutParen(text string) (inside, rest string, ok bool) {
	end := scan(text, func(depth int, c byte) bool { return depth == 0 && c == ')' })
	if end < 0 {
		return "", "", false
	}
	return text[:end], text[end+1:], true
}

// scan returns the index of the first byte that stop accepts, or -1. depth counts the brackets that are open before
// that byte; quoted text is skipped.
func scan(text string, stop func(depth int, c byte) bool) int {
	depth := 0
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if quote != 0 {
			if c == quote {
				quote = 0
			}
			continue
		}
		if stop(depth, c) {
			return i
		}
		switch c {
		case '"', '\'', '`':
			quote = c
		case '(', '[', '{', '<':
			depth++
		case ')', ']', '}', '>':
			depth--
		}
	}
	return -1
}

func parseValues(text string) ([]Value, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var values []Value
	for more := true; more; {
		item := text
		if i := scan(text, func(depth int, c byte) bool { return depth == 0 && c == ',' }); i >= 0 {
			item, text = text[:i], text[i+1:]
		} else {
			more = false
		}
		v, err := parseValue(item)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

func parseValue(text string) (Value, error) {
	name, typ, typed := strings.Cut(text, ":")
	var v Value
	v.Name, v.Optional = strings.CutSuffix(strings.TrimSpace(name), "?")
	v.Type = strings.TrimSpace(typ)
	if v.Name != "..." && !isName(v.Name) {
		return Value{}, fmt.Errorf("%q is no name", strings.TrimSpace(text))
	}
	if typed && v.Type == "" {
		return Value{}, fmt.Errorf("%s has no type behind its colon", v.Name)
	}
	return v, nil
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
