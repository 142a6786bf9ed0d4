package number

import (
	"errors"
	"math"
	"testing"
)

// verb formats as string.format does, for a spec like "%-5.2f".
func verb(t *testing.T, spec string, value any) string {
	t.Helper()
	flags, n, err := ParseFlags(spec[1:])
	if err != nil || n != len(spec)-2 {
		t.Fatalf("ParseFlags(%q) = %d, %v", spec[1:], n, err)
	}
	verb := spec[len(spec)-1]
	dst := []byte("<")
	switch v := value.(type) {
	case float64:
		dst = AppendVerb(dst, flags, verb, v)
	case int64:
		dst = AppendInt(dst, flags, v)
	case uint64:
		dst = AppendUint(dst, flags, verb, v)
	case byte:
		dst = AppendChar(dst, flags, v)
	case string:
		dst = AppendString(dst, flags, v)
	default:
		t.Fatalf("no verb for %T", value)
	}
	return string(dst[1:])
}

func TestVerbs(t *testing.T) {
	nan := math.Copysign(math.NaN(), 1)
	for _, tt := range []struct {
		spec  string
		value any
		want  string
	}{
		{"%d", int64(0), "0"},
		{"%d", int64(math.MinInt64), "-9223372036854775808"},
		{"%i", int64(42), "42"},
		{"%5d", int64(-42), "  -42"},
		{"%-5d", int64(42), "42   "},
		{"%05d", int64(-42), "-0042"},
		{"%-05d", int64(42), "42   "},
		{"%+d", int64(42), "+42"},
		{"% d", int64(42), " 42"},
		{"%+ d", int64(42), "+42"},
		{"%+05d", int64(42), "+0042"},
		{"%.0d", int64(0), ""},
		{"%+.d", int64(0), "+"},
		{"%5.0d", int64(0), "     "},
		{"%08.3d", int64(7), "     007"},
		{"%.20d", int64(-7), "-00000000000000000007"},
		{"%u", uint64(math.MaxUint64), "18446744073709551615"},
		{"%+u", uint64(3), "3"},
		{"%x", uint64(255), "ff"},
		{"%X", uint64(255), "FF"},
		{"%#x", uint64(255), "0xff"},
		{"%#X", uint64(255), "0XFF"},
		{"%#x", uint64(0), "0"},
		{"%#.0x", uint64(0), ""},
		{"%#08x", uint64(255), "0x0000ff"},
		{"%#8.4x", uint64(255), "  0x00ff"},
		{"%o", uint64(8), "10"},
		{"%#o", uint64(8), "010"},
		{"%#o", uint64(0), "0"},
		{"%#.0o", uint64(0), "0"},
		{"%#.5o", uint64(8), "00010"},
		{"%#6o", uint64(8), "   010"},
		{"%c", byte(0), "\x00"},
		{"%05c", byte('A'), "    A"},
		{"%-3c", byte('A'), "A  "},
		{"%.0c", byte('A'), "A"},
		{"%s", "a\x00b", "a\x00b"},
		{"%05s", "ab", "   ab"},
		{"%-5.1s", "ab", "a    "},
		{"%.s", "ab", ""},
		{"%.9s", "ab", "ab"},
		{"%f", 1.5, "1.500000"},
		{"%.0f", 0.5, "0"},
		{"%.0f", 1.5, "2"},
		{"%.0f", 2.5, "2"},
		{"%#.0f", 2.5, "2."},
		{"%.2f", 2.675, "2.67"},
		{"%.3f", 1e20, "100000000000000000000.000"},
		{"%010.3f", -3.14159, "-00003.142"},
		{"%f", negZero, "-0.000000"},
		{"%e", 0.0, "0.000000e+00"},
		{"%.0e", 12345.0, "1e+04"},
		{"%#.0e", 12345.0, "1.e+04"},
		{"%E", 1e-300, "1.000000E-300"},
		{"%g", 100000.0, "100000"},
		{"%g", 1e6, "1e+06"},
		{"%G", 1e-5, "1E-05"},
		{"%.0g", 0.00012, "0.0001"},
		{"%#g", 1.5, "1.50000"},
		{"%#g", 0.0, "0.00000"},
		{"%#.0g", 3.0, "3."},
		{"%#.3g", 999.9, "1.00e+03"},
		{"%#.3g", 99.99, "100."},
		{"%.99g", 0.1, "0.1000000000000000055511151231257827021181583404541015625"},
		{"%a", 1.0, "0x1p+0"},
		{"%a", 0.0, "0x0p+0"},
		{"%a", negZero, "-0x0p+0"},
		{"%a", 5e-324, "0x0.0000000000001p-1022"},
		{"%A", -1e300, "-0X1.7E43C8800759CP+996"},
		{"%.0a", 1.5, "0x2p+0"},
		{"%.0a", 1.25, "0x1p+0"},
		{"%.1a", 1.96875, "0x2.0p+0"},
		{"%.3a", 1.0, "0x1.000p+0"},
		{"%.20a", 1.5, "0x1.80000000000000000000p+0"},
		{"%#a", 1.0, "0x1.p+0"},
		{"%+015.1a", 1.0, "+0x0000001.0p+0"},
		{"%f", inf, "inf"},
		{"%05f", -inf, " -inf"},
		{"%+.3G", inf, "+INF"},
		{"%-6a", nan, "nan   "},
		{"% f", nan, " nan"},
		{"%F", -nan, "-NAN"},
		{"%A", nan, "NAN"},
	} {
		if got := verb(t, tt.spec, tt.value); got != tt.want {
			t.Errorf("%s of %v = %q, want %q", tt.spec, tt.value, got, tt.want)
		}
	}
}

func TestParseFlags(t *testing.T) {
	for _, tt := range []struct {
		spec string
		want Flags
		verb byte
		err  error
	}{
		{spec: "d", verb: 'd'},
		{spec: "", verb: 0},
		{spec: "5", want: Flags{Width: 5}},
		{spec: "-+ #0d", want: Flags{Minus: true, Plus: true, Space: true, Sharp: true, Zero: true}, verb: 'd'},
		{spec: "--5d", want: Flags{Minus: true, Width: 5}, verb: 'd'},
		{spec: "99.99f", want: Flags{Width: 99, Prec: 99, HasPrec: true}, verb: 'f'},
		{spec: ".f", want: Flags{HasPrec: true}, verb: 'f'},
		{spec: "012d", want: Flags{Zero: true, Width: 12}, verb: 'd'},
		{spec: "1.1.1d", want: Flags{Width: 1, Prec: 1, HasPrec: true}, verb: '.'},
		{spec: ".-3d", want: Flags{HasPrec: true}, verb: '-'},
		{spec: "000000d", err: ErrFlags},
		{spec: "-+ #00123d", err: ErrFlags},
		{spec: "123d", err: ErrWidth},
		{spec: ".123d", err: ErrWidth},
		{spec: "100", err: ErrWidth},
	} {
		got, n, err := ParseFlags(tt.spec)
		if !errors.Is(err, tt.err) {
			t.Errorf("ParseFlags(%q): error %v, want %v", tt.spec, err, tt.err)
		}
		if err != nil {
			continue
		}
		var verb byte
		if n < len(tt.spec) {
			verb = tt.spec[n]
		}
		if got != tt.want || verb != tt.verb {
			t.Errorf("ParseFlags(%q) = %+v, verb %q; want %+v, %q", tt.spec, got, verb, tt.want, tt.verb)
		}
	}
}
