package number

import (
	"math"
	"testing"
)

func BenchmarkFormat(b *testing.B) {
	for _, bb := range []struct {
		name string
		f    float64
	}{
		{"int1", 7},
		{"int4", 1234},
		{"int10", 1234567890},
		{"int16", 1 << 53},
		{"half", 0.5},
		{"cents", 1234.56},
		{"pi", math.Pi},
		{"third", 1.0 / 3},
		{"large", 1.2345e100},
		{"inf", math.Inf(1)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Format(bb.f)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"7", "1234567", "-3.25", "3.1415926535898", "1e100", "0xff", "0x1.8p3", " 12 ", "hello"} {
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				Parse(s)
			}
		})
	}
}

func BenchmarkParseBase(b *testing.B) {
	for b.Loop() {
		ParseBase("7fffffff", 16)
	}
}

func BenchmarkVerb(b *testing.B) {
	buf := make([]byte, 0, 128)
	for _, spec := range []string{"d", "5d", "08x", ".2f", "5.1f", "g", ".14g", "e", "a"} {
		flags, n, err := ParseFlags(spec)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(spec, func(b *testing.B) {
			for b.Loop() {
				switch spec[n] {
				case 'd':
					AppendInt(buf, flags, 12345)
				case 'x':
					AppendUint(buf, flags, 'x', 12345)
				default:
					AppendVerb(buf, flags, spec[n], 1234.5678)
				}
			}
		})
	}
}
