package number

import (
	"math"
	"testing"
)

var negZero = math.Copysign(0, -1)

func TestFormat(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		want string
	}{
		{0, "0"},
		{negZero, "-0"},
		{1, "1"},
		{-1, "-1"},
		{100, "100"},
		{1e14, "100000000000000"},
		{-1e15, "-1000000000000000"},
		{1<<53 - 1, "9007199254740991"},
		{1 << 53, "9007199254740992"},
		{-1 << 53, "-9007199254740992"},
		{1<<53 + 2, "9.007199254741e+15"},
		{-1<<53 - 2, "-9.007199254741e+15"},
		{1e16, "1e+16"},
		{0x1p63, "9.2233720368548e+18"},
		{1e100, "1e+100"},
		{0.1, "0.1"},
		{1.0 / 3, "0.33333333333333"},
		{-2.5, "-2.5"},
		{123456.789, "123456.789"},
		{99999999999999.5, "1e+14"},
		{0.0001, "0.0001"},
		{0.00001, "1e-05"},
		{5e-324, "4.9406564584125e-324"},
		{math.MaxFloat64, "1.7976931348623e+308"},
		{math.Pi, "3.1415926535898"},
		{inf, "inf"},
		{-inf, "-inf"},
		{math.Copysign(math.NaN(), 1), "nan"},
		{math.Copysign(math.NaN(), -1), "-nan"},
	} {
		if got := Format(tt.f); got != tt.want {
			t.Errorf("Format(%v) = %q, want %q", tt.f, got, tt.want)
		}
		if got := string(Append([]byte("x"), tt.f)); got != "x"+tt.want {
			t.Errorf("Append(x, %v) = %q, want %q", tt.f, got, "x"+tt.want)
		}
	}
}

func TestAppendQuoted(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		want string
	}{
		{0, "0"},
		{1, "1"},
		{-12, "-12"},
		{1 << 53, "9007199254740992"},
		{1<<53 + 2, "0x1.0000000000001p+53"},
		{-0x1p63, "-0x1p+63"},
		{negZero, "-0x0p+0"},
		{0.1, "0x1.999999999999ap-4"},
		{-0.5, "-0x1p-1"},
		{inf, "1e9999"},
		{-inf, "-1e9999"},
		{math.NaN(), "(0/0)"},
		{math.Copysign(math.NaN(), -1), "(0/0)"},
	} {
		got := string(AppendQuoted(nil, tt.f))
		if got != tt.want {
			t.Errorf("AppendQuoted(%v) = %q, want %q", tt.f, got, tt.want)
		}
		if back, ok := Parse(got); tt.f == tt.f && (!ok || math.Float64bits(back) != math.Float64bits(tt.f)) {
			t.Errorf("AppendQuoted(%v) = %q, which reads back as %v", tt.f, got, back)
		}
	}
}

func TestTruncation(t *testing.T) {
	for _, tt := range []struct {
		f   float64
		i   int64
		iok bool
		u   uint64
		uok bool
	}{
		{f: 3.9, i: 3, iok: true, u: 3, uok: true},
		{f: -3.9, i: -3, iok: true},
		{f: -0.9, i: 0, iok: true, u: 0, uok: true},
		{f: -1, i: -1, iok: true},
		{f: 0x1p63, u: 1 << 63, uok: true},
		{f: -0x1p63, i: math.MinInt64, iok: true},
		{f: -0x1.0000000000001p63},
		{f: 0x1.fffffffffffffp62, i: 0x7ffffffffffffc00, iok: true, u: 0x7ffffffffffffc00, uok: true},
		{f: 0x1.fffffffffffffp63, u: 0xfffffffffffff800, uok: true},
		{f: 0x1p64},
		{f: inf},
		{f: -inf},
		{f: math.NaN()},
	} {
		if i, ok := ToInt64(tt.f); i != tt.i || ok != tt.iok {
			t.Errorf("ToInt64(%v) = %v, %v; want %v, %v", tt.f, i, ok, tt.i, tt.iok)
		}
		if u, ok := ToUint64(tt.f); u != tt.u || ok != tt.uok {
			t.Errorf("ToUint64(%v) = %v, %v; want %v, %v", tt.f, u, ok, tt.u, tt.uok)
		}
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 64)
	for _, f := range []float64{12, 1e15, 0.1, 1e300, -inf} {
		if n := testing.AllocsPerRun(10, func() { Append(buf, f) }); n != 0 {
			t.Errorf("Append(%v) allocates %v times", f, n)
		}
	}
}
