package vm

import (
	"slices"
	"testing"
)

// The code tells how many fields a table will get.
func TestFieldsAhead(t *testing.T) {
	for _, c := range []struct {
		name, code string
		want       []int // of each table, in the order of the code
	}{
		{"module", "local M = {} function M.a() end function M.b() end return M", []int{2}},
		{"a field twice", "local t = {} t.a = 1 t.a = 2", []int{1}},
		{"constructor and more", "local t = {a = 1, b = 2} t.c = 3", []int{3}},
		{"nested", "local t = {} t.a = {} t.a.x = 1 t.b = {c = {}}", []int{2, 0, 1, 0}},
		{"object", "local t = setmetatable({}, {}) t.a = 1 t.b = 2", []int{2, 0}},
		{"object of a function", "local setmetatable, M = setmetatable, 1 return function() local t = setmetatable({}, M) t.a = 1 return t end", []int{1}},
		{"another function's result", "local t = f({}) t.a = 1", []int{0}},
		{"branches", "local t = {} if x then t.a = 1 else t.b = y or 2 end t.c = 3", []int{3}},
		{"behind a return", "local t = {} if x then return t end t.a = 1", []int{1}},
		{"a loop", "for i = 1, 2 do local t = {} t.a = 1 t[i] = 2 end local u = {} u.b = 1", []int{1, 1}},
		{"set behind a loop", "local t = {} while x do y() end t.a = 1", []int{0}},
		{"overwritten", "local t = {} t = x t.a = 1", []int{0}},
		{"in a scope that has ended", "do local t = {} t.a = 1 end local u = f() u.b = 1", []int{1}},
		{"nils over it", "do local t = {} t.a = 1 end local u, v u.b = 1", []int{1}},
		{"a method's self over it", "do local t = {} end local a = x local u = y:z() u.b = 1", []int{0}},
		{"no constant name", "local t = {} t[x] = 1 t[1] = 2", []int{0}},
	} {
		p, err := compile(c.code, "@"+c.name)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for p := p; ; p = p.protos[0] {
			for _, i := range p.code {
				if i.op() == opNewTable {
					got = append(got, i.c())
				}
			}
			if len(p.protos) == 0 || len(got) > 0 {
				break
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
