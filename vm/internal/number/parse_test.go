package number

import (
	"math"
	"strings"
	"testing"
)

var inf = math.Inf(1)

// parsed lists texts that are numbers.
var parsed = []struct {
	text string
	want float64
}{
	{"0", 0},
	{"7", 7},
	{"+1", 1},
	{"-1", -1},
	{"  \t\n\v\f\r12 \t\n\v\f\r", 12},
	{"5.", 5},
	{".5", 0.5},
	{"-.5e1", -5},
	{"1e5", 1e5},
	{"1E+5", 1e5},
	{"1e-5", 1e-5},
	{"00012", 12},
	{"123456789012345", 123456789012345},
	{"9007199254740993", 9007199254740992},
	{"12345678901234567890123", 12345678901234567890123},
	{"0.1", 0.1},
	{"3.14159265358979", 3.14159265358979},
	{"1e22", 1e22},
	{"1e23", 1e23},
	{"123456789e-30", 123456789e-30},
	{"1.7976931348623157e308", math.MaxFloat64},
	{"1e400", inf},
	{"-1e400", -inf},
	{"1e99999999999999999999", inf},
	{"1e-99999999999999999999", 0},
	{"0e99999999999999999999", 0},
	{"5e-324", 5e-324},
	{"2.4703282292062328e-324", 5e-324},
	{"2.4703282292062327e-324", 0},
	{"0x10", 16},
	{"0X1", 1},
	{"-0xA", -10},
	{"+0xa", 10},
	{"0xffffffffffffffff", 0x1p64},
	{"0xfffffffffffffbff", 0xfffffffffffff800},
	{"0xfffffffffffffc00", 0x1p64},
	{"0x123456789abcdef01", 0x123456789abcdef01},
	{"0x1p4", 16},
	{"0x1P+4", 16},
	{"0x1p-4", 0.0625},
	{"0x.1", 0.0625},
	{"0xA.8", 10.5},
	{"0xA.", 10},
	{"0x1.8p3", 12},
	{"0x0p99999999999", 0},
	{"0x1p2000", inf},
	{"0x1p99999999999999999999", inf},
	{"0x1p-99999999999999999999", 0},
	{"0x1p1023", 0x1p1023},
	{"0x1.fffffffffffff8p1023", inf},
	{"0x1.fffffffffffff7p1023", math.MaxFloat64},
	{"0x1p-1074", 0x1p-1074},
	{"0x1p-1075", 0},
	{"0x1.00000000000000000000001p-1075", 0x1p-1074},
	{"0x1.8p-1074", 0x1p-1073},
	{"0x1.00000000000008", 1},
	{"0x1.00000000000008000000000000000000001", 1 + 0x1p-52},
	{"0x1.00000000000018", 1 + 0x1p-51},
	{"0x0." + strings.Repeat("0", 1000) + "1p4004", 1},
	{"0x1" + strings.Repeat("0", 1000) + "p-4000", 1},
	{"0." + strings.Repeat("0", 120000) + "1e120001", 1},
	{"1" + strings.Repeat("0", 120000) + "e-120000", 1},
	{strings.Repeat("0", 120000) + "7.5e0", 7.5},
	{"1" + strings.Repeat("0", 120000), inf},
	{"9007199254740993" + strings.Repeat("0", 9000) + "e-9000", 9007199254740992},
	{"9007199254740993." + strings.Repeat("0", 9000) + "1", 9007199254740994},
	{"9007199254740993" + strings.Repeat("0", 200) + "1e-201", 9007199254740994},
	{"9007199254740993" + strings.Repeat("0", 200) + "." + strings.Repeat("0", 900) + "1e-200", 9007199254740994},
	{"9007199254740993" + strings.Repeat("0", 9000) + "1e-9001", 9007199254740994},
}

// unparsed lists texts that are not.
var unparsed = []string{
	"", " ", "-", "+", ".", "e1", ".e1", "1e", "1e+", "1e 5", "1e5x", "1 2", "- 1", "--1", "+-1",
	"1_0", "1\x00", "\x001", "1,5", "1.2.3", "0x", "0x.", "0xg", "0x 1", "0x1p", "0x1p+", "0x1pe1",
	"0x1e+1", "0x1.2.3", "0x.p1", "0x_1", "x1", "0b1", "0o7", "1f", "inf", "-inf", "Infinity", "nan",
	"NaN", "nan(1)", "\u00a01", "١",
}

func TestParse(t *testing.T) {
	for _, tt := range parsed {
		got, ok := Parse(tt.text)
		if !ok || got != tt.want {
			t.Errorf("Parse(%.60q) = %v, %v; want %v", tt.text, got, ok, tt.want)
		}
	}
	for _, text := range unparsed {
		if got, ok := Parse(text); ok {
			t.Errorf("Parse(%q) = %v; want no number", text, got)
		}
	}
	for _, text := range []string{"-0", " -0x0 ", "-0.0e1", "-1e-400"} {
		if f, ok := Parse(text); !ok || f != 0 || !math.Signbit(f) {
			t.Errorf("Parse(%q) = %v, %v; want -0", text, f, ok)
		}
	}
}

func TestParseBase(t *testing.T) {
	for _, tt := range []struct {
		text string
		base int
		want float64
	}{
		{"10", 2, 2},
		{" \t-ff\n", 16, -255},
		{"+Zz", 36, 35*36 + 35},
		{"0x10", 36, ((0*36+33)*36+1)*36 + 0},
		{"1e1", 16, 0x1e1},
		{"7", 8, 7},
		{"99999999999999999999999999", 10, 1.0000000000000002e26}, // rounded 10 times
		{"11111111111111111111111111111111111111111111111111111", 2, 1<<53 - 1},
		{strings.Repeat("z", 300), 36, inf},
	} {
		got, ok := ParseBase(tt.text, tt.base)
		if !ok || got != tt.want {
			t.Errorf("ParseBase(%q, %d) = %v, %v; want %v", tt.text, tt.base, got, ok, tt.want)
		}
	}
	for _, tt := range []struct {
		text string
		base int
	}{
		{"", 10}, {"-", 10}, {"- 1", 10}, {"1 1", 10}, {"8", 8}, {"2", 2}, {"g", 16}, {"1.", 10},
		{"1\x00", 10}, {"0x10", 16}, {"é", 36}, {"1_0", 10}, {"+-1", 10},
	} {
		if got, ok := ParseBase(tt.text, tt.base); ok {
			t.Errorf("ParseBase(%q, %d) = %v; want no number", tt.text, tt.base, got)
		}
	}
	if f, ok := ParseBase("-0", 10); !ok || f != 0 || !math.Signbit(f) {
		t.Errorf("ParseBase(-0, 10) = %v, %v; want -0", f, ok)
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	for _, s := range []string{"12", "-0x1F", "3.25", "1.2345678901234567890e-100", "0x1.8p3"} {
		if n := testing.AllocsPerRun(10, func() { Parse(s) }); n != 0 {
			t.Errorf("Parse(%q) allocates %v times", s, n)
		}
	}
}
