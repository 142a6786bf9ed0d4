package number

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// The tests in this file compare with C Lua 5.2 on Linux, the reference.

// lua runs a script and returns the lines it prints, which must be want.
func lua(t *testing.T, script string, want int) []string {
	t.Helper()
	path, err := exec.LookPath("lua5.2")
	if err != nil {
		t.Skip("lua5.2, the reference implementation, is not installed (Debian package lua5.2)")
	}
	cmd := exec.Command(path, "-")
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("lua5.2: %v\n%.2000s", err, out)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != want {
		t.Fatalf("lua5.2 printed %d lines, want %d", len(lines), want)
	}
	return lines
}

// quote writes s as a Lua string literal on one line.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		fmt.Fprintf(&b, "\\%03d", s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// literal writes f, not nan, as a Lua expression with exactly its value.
func literal(f float64) string {
	if math.IsInf(f, 0) {
		return special(f)[:len(special(f))-3] + "1/0"
	}
	return strconv.FormatFloat(f, 'x', -1, 64)
}

// randomFloat picks from the kinds of numbers programs use, and any others.
func randomFloat(r *rand.Rand) float64 {
	f := 0.0
	switch r.IntN(10) {
	case 0:
		f = float64(r.IntN(2000))
	case 1:
		f = float64(r.Uint64() >> r.IntN(64))
	case 2:
		f = float64(r.IntN(100000)) / 100
	case 3:
		f = r.Float64()
	case 4:
		f = float64(r.IntN(1000)) * math.Pow10(r.IntN(40)-20)
	case 5:
		f = math.Round(r.ExpFloat64()*1e4) / 8
	case 6:
		f = math.Nextafter(math.Pow10(r.IntN(40)-20), float64(r.IntN(2))*2-1)
	case 7:
		f = math.Ldexp(float64(r.IntN(64)), r.IntN(2098)-1074)
	case 8:
		f = []float64{0, inf, math.MaxFloat64, 5e-324, 0x1p-1022, 0x1p53, 0x1p63, 0x1p64, 0.5, 9.5, 99999.95}[r.IntN(11)]
	default:
		for f = inf; f != f || f == inf || f == -inf; {
			f = math.Float64frombits(r.Uint64())
		}
	}
	if r.IntN(3) == 0 {
		f = -f
	}
	return f
}

func TestFormatAgainstLua(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	floats := make([]float64, 20000)
	var script strings.Builder
	script.WriteString(`
local function show(f)
  if f == math.floor(f) and math.abs(f) <= 2^53 and (f ~= 0 or 1/f > 0) then
    print(string.format("%d", f))
  else
    print(f)
  end
end
`)
	for i := range floats {
		floats[i] = randomFloat(r)
		fmt.Fprintf(&script, "show(%s)\n", literal(floats[i]))
	}
	for i, want := range lua(t, script.String(), len(floats)) {
		if got := Format(floats[i]); got != want {
			t.Errorf("Format(%v) = %q, want %q", floats[i], got, want)
		}
	}
}

// randomText builds what is nearly a number from parts.
func randomText(r *rand.Rand) string {
	var b strings.Builder
	pick := func(parts ...string) { b.WriteString(parts[r.IntN(len(parts))]) }
	digits := func(alphabet string, n int) {
		for range r.IntN(n) {
			b.WriteByte(alphabet[r.IntN(len(alphabet))])
		}
	}
	if r.IntN(8) == 0 { // no structure
		digits("0123456789 .eExXpP+-aAfF_\x00\tn", 12)
		return b.String()
	}
	pick("", "", "", " ", "\t\n", "\v\f\r")
	pick("", "", "-", "+")
	size := []int{3, 8, 20, 60}[r.IntN(4)]
	if r.IntN(3) == 0 {
		pick("0x", "0X")
		digits("0123456789abcdefABCDEF", size)
		pick("", ".", ".8", ".80000000000000000001")
		if r.IntN(2) == 0 {
			pick("p", "P")
			pick("", "-", "+")
			digits("0123456789", 5)
		}
	} else {
		digits("0123456789", size)
		pick("", "", ".")
		digits("0123456789", size)
		if r.IntN(2) == 0 {
			pick("e", "E")
			pick("", "-", "+")
			digits("0123456789", 4)
		}
	}
	pick("", "", "", " ", "\n", "x", " 1", "\x00")
	return b.String()
}

func TestParseAgainstLua(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	type input struct {
		text string
		base int // 0: no base
	}
	var inputs []input
	for range 20000 {
		inputs = append(inputs, input{text: randomText(r)})
		inputs = append(inputs, input{randomText(r), 2 + r.IntN(35)})
	}
	for _, tt := range parsed {
		if len(tt.text) < 10000 {
			inputs = append(inputs, input{text: tt.text})
		}
	}
	for _, text := range unparsed {
		inputs = append(inputs, input{text: text}, input{text, 10}, input{text, 36})
	}
	var script strings.Builder
	script.WriteString(`
local function show(...)
  local f = tonumber(...)
  print(f and string.format("%a", f))
end
`)
	for _, in := range inputs {
		if in.base == 0 {
			fmt.Fprintf(&script, "show(%s)\n", quote(in.text))
		} else {
			fmt.Fprintf(&script, "show(%s, %d)\n", quote(in.text), in.base)
		}
	}
	for i, want := range lua(t, script.String(), len(inputs)) {
		in := inputs[i]
		f, ok := Parse(in.text)
		if in.base != 0 {
			f, ok = ParseBase(in.text, in.base)
		}
		got := "nil"
		if ok {
			got = string(AppendVerb(nil, Flags{}, 'a', f))
		}
		if got != want {
			t.Errorf("%.80q in base %d: got %s, want %s", in.text, in.base, got, want)
		}
	}
}

// randomSpec makes a format specification, mostly a valid one.
func randomSpec(r *rand.Rand, verbs string) string {
	var b strings.Builder
	for range r.IntN(4) + r.IntN(2)*r.IntN(4) {
		b.WriteByte("-+ #0"[r.IntN(5)])
	}
	number := func() {
		switch r.IntN(20) {
		case 0, 1:
			b.WriteString(strconv.Itoa(r.IntN(100)))
		case 2:
			b.WriteString(strconv.Itoa(r.IntN(1000)))
		case 3, 4, 5, 6, 7, 8:
			b.WriteString(strconv.Itoa(r.IntN(25)))
		}
	}
	number()
	if r.IntN(2) == 0 {
		b.WriteByte('.')
		number()
	}
	b.WriteByte(verbs[r.IntN(len(verbs))])
	return b.String()
}

func TestVerbsAgainstLua(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	type input struct {
		spec  string
		value float64
	}
	inputs := make([]input, 40000)
	var script strings.Builder
	script.WriteString(`
local function show(spec, v)
  local ok, s = pcall(string.format, "%" .. spec, v)
  if not ok then s = s:gsub(".*%((not .*)%)", "%1") end
  print(ok and "ok" or "error", s)
end
`)
	for i := range inputs {
		f := randomFloat(r)
		verbs := "diuoxXeEfgGaA"
		if i%8 == 0 {
			f, verbs = float64(32+r.IntN(95)), "c"
		}
		inputs[i] = input{randomSpec(r, verbs), f}
		fmt.Fprintf(&script, "show(%s, %s)\n", quote(inputs[i].spec), literal(f))
	}
	for i, want := range lua(t, script.String(), len(inputs)) {
		in := inputs[i]
		if glibcDropsZeros(in.spec, in.value) {
			continue
		}
		got := "ok\t"
		if s, err := format(in.spec, in.value); err == nil {
			got += s
		} else {
			got = "error\t" + err.Error()
		}
		if got != want {
			t.Errorf("%%%s of %v: got %q, want %q", in.spec, in.value, got, want)
		}
	}
}

// glibcDropsZeros finds a case that glibc gets wrong: where rounding lifts a number
// to a power of ten that %#g writes with an exponent, its trailing zeros are gone.
func glibcDropsZeros(spec string, v float64) bool {
	flags, n, err := ParseFlags(spec)
	if err != nil || !flags.Sharp || spec[n]|0x20 != 'g' {
		return false
	}
	exponent := func(prec int) string {
		_, exp, _ := strings.Cut(strconv.FormatFloat(v, 'e', prec, 64), "e")
		return exp
	}
	return exponent(max(flags.precision(6), 1)-1) != exponent(-1)
}

// format does string.format("%" .. spec, v) for one numeric verb.
func format(spec string, v float64) (string, error) {
	flags, n, err := ParseFlags(spec)
	if err != nil {
		return "", err
	}
	switch verb := spec[n]; verb {
	case 'c':
		return string(AppendChar(nil, flags, byte(v))), nil
	case 'd', 'i':
		i, ok := ToInt64(v)
		if !ok {
			return "", fmt.Errorf("not a number in proper range")
		}
		return string(AppendInt(nil, flags, i)), nil
	case 'u', 'o', 'x', 'X':
		u, ok := ToUint64(v)
		if !ok {
			return "", fmt.Errorf("not a non-negative number in proper range")
		}
		return string(AppendUint(nil, flags, verb, u)), nil
	default:
		return string(AppendVerb(nil, flags, verb, v)), nil
	}
}
