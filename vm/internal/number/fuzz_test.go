package number

import (
	"math"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, tt := range parsed {
		if len(tt.text) < 1000 {
			f.Add(tt.text, 10)
		}
	}
	for i, s := range unparsed {
		f.Add(s, 2+i%35)
	}
	f.Fuzz(func(t *testing.T, s string, base int) {
		if v, ok := Parse(s); ok {
			if v != v {
				t.Errorf("Parse(%q) is nan", s)
			}
			if back, ok := Parse(string(AppendQuoted(nil, v))); !ok || math.Float64bits(back) != math.Float64bits(v) {
				t.Errorf("%q: %v is quoted as %s, which reads back as %v", s, v, AppendQuoted(nil, v), back)
			}
			if padded, ok := Parse("\t" + s + " "); !ok || padded != v {
				t.Errorf("Parse(%q) changes with white space around it", s)
			}
		}
		if base < 2 || base > 36 {
			return
		}
		if v, ok := ParseBase(s, base); ok && v != v {
			t.Errorf("ParseBase(%q, %d) is nan", s, base)
		}
	})
}

func FuzzVerb(f *testing.F) {
	for _, spec := range []string{"d", "-5.2f", "#020.5x", "+.0e", "#.3g", "a", "#.1A", "010c", "99.99o", "-+ #00d", ".123d", "F"} {
		f.Add(spec, 1.5)
		f.Add(spec, -5e-324)
		f.Add(spec, math.Inf(1))
	}
	f.Fuzz(func(t *testing.T, spec string, v float64) {
		flags, n, err := ParseFlags(spec)
		if err != nil || n == len(spec) {
			return
		}
		switch spec[n] {
		case 'e', 'E', 'f', 'F', 'g', 'G', 'a', 'A', 'c', 'd', 'i', 'u', 'o', 'x', 'X':
		default:
			return
		}
		s, err := format(spec[:n+1], v)
		if err == nil && len(s) < flags.Width {
			t.Errorf("%%%s of %v: %q is narrower than the width", spec[:n+1], v, s)
		}
	})
}
