package host

import (
	"bytes"
	"encoding/hex"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/luahost/luahost/vm"
)

func table(s *vm.State, list []vm.Value, fields ...vm.Value) vm.Value {
	t := s.NewList(list...)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := t.Set(fields[i], fields[i+1]); err != nil {
			panic(err)
		}
	}
	return t.Value()
}

func numbers(n int) []vm.Value {
	list := make([]vm.Value, n)
	for i := range list {
		list[i] = vm.Int(i + 1)
	}
	return list
}

// The bytes are those that skynet makes.
func TestPackBytes(t *testing.T) {
	s := vm.NewState(vm.Options{})
	str := vm.String
	for _, test := range []struct {
		name   string
		values []vm.Value
		want   string
	}{
		{"nothing", nil, ""},
		{"mixed", []vm.Value{vm.Int(1), str("ab"), table(s, numbers(2), str("k"), vm.Bool(true)), vm.Number(1.5), vm.Nil(), vm.Int(-5), vm.Int(70000)},
			"0a01146162160a010a020c6b090042000000000000f83f0022fbffffff2270110100"},
		{"booleans", []vm.Value{vm.Bool(false), vm.Bool(true)}, "0109"},
		{"bytes and words", []vm.Value{vm.Int(0), vm.Int(255), vm.Int(256), vm.Int(65535)}, "020aff120001" + "12ffff"},
		{"32 bits", []vm.Value{vm.Int(65536), vm.Int(math.MaxInt32), vm.Int(-1), vm.Int(math.MinInt32)}, "2200000100" + "22ffffff7f" + "22ffffffff" + "2200000080"},
		{"64 bits", []vm.Value{vm.Int(math.MaxInt32 + 1), vm.Int(math.MinInt32 - 1), vm.Int(1<<53 - 1)},
			"320000008000000000" + "32ffffff7fffffffff" + "32ffffffffffff1f00"},
		{"doubles", []vm.Value{vm.Number(1 << 53), vm.Number(math.Inf(1)), vm.Number(math.Copysign(0, -1))},
			"420000000000004043" + "42000000000000f07f" + "420000000000000080"},
		{"strings", []vm.Value{str(""), str(strings.Repeat("x", 31)), str(strings.Repeat("y", 32))},
			"04" + "fc" + strings.Repeat("78", 31) + "152000" + strings.Repeat("79", 32)},
		{"userdata", []vm.Value{vm.LightUserdata(0x0102030405)}, "030504030201000000"},
		{"tables", []vm.Value{table(s, nil), table(s, []vm.Value{vm.Nil(), vm.Int(2)})}, "0600" + "1600" + "0a0200"},
		{"long array", []vm.Value{table(s, numbers(31))}, "fe0a1f" + func() string {
			text := ""
			for i := 1; i <= 31; i++ {
				text += "0a" + hex.EncodeToString([]byte{byte(i)})
			}
			return text + "00"
		}()},
	} {
		got, err := AppendPack(nil, s, test.values)
		if err != nil || hex.EncodeToString(got) != test.want {
			t.Errorf("%s: %x, %v; want %s", test.name, got, err, test.want)
			continue
		}
		back, err := AppendUnpack(nil, s, got)
		if err != nil || len(back) != len(test.values) {
			t.Errorf("%s: unpacked to %d values, %v", test.name, len(back), err)
			continue
		}
		again, err := AppendPack(nil, s, back)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: packed again %x, %v", test.name, again, err)
		}
	}
}

func TestPackLongStrings(t *testing.T) {
	s := vm.NewState(vm.Options{})
	for _, n := range []int{65535, 65536, 1 << 20} {
		text := strings.Repeat("z", n)
		b, err := AppendPack(nil, s, []vm.Value{vm.String(text)})
		if err != nil {
			t.Fatal(err)
		}
		if header := len(b) - n; (n < 65536) != (header == 3) || (n >= 65536) != (header == 5) {
			t.Errorf("%d bytes have a header of %d", n, header)
		}
		v, err := AppendUnpack(nil, s, b)
		if got, _ := v[0].AsString(); err != nil || got != text {
			t.Errorf("%d bytes came back as %d, %v", n, len(got), err)
		}
	}
}

func TestPackDepth(t *testing.T) {
	s := vm.NewState(vm.Options{})
	v := table(s, nil)
	for range maxPackDepth {
		v = table(s, []vm.Value{v})
	}
	b, err := AppendPack(nil, s, []vm.Value{v})
	if err != nil {
		t.Fatalf("depth 32: %v", err)
	}
	if _, err := AppendUnpack(nil, s, b); err != nil {
		t.Errorf("unpacking depth 32: %v", err)
	}
	if _, err := AppendPack(nil, s, []vm.Value{table(s, []vm.Value{v})}); err == nil || err.Error() != "serialize can't pack too depth table" {
		t.Errorf("depth 33: %v", err)
	}
	cycle := s.NewTable(0, 0)
	cycle.SetString("self", cycle.Value())
	if _, err := AppendPack(nil, s, []vm.Value{cycle.Value()}); err == nil {
		t.Error("a cycle was packed")
	}
	if _, err := AppendUnpack(nil, s, bytes.Repeat([]byte{0x0e}, 1<<20)); err == nil {
		t.Error("a million nested tables were unpacked")
	}
}

func TestPackErrors(t *testing.T) {
	s := vm.NewState(vm.Options{})
	for want, v := range map[string]vm.Value{
		"Unsupport type function to serialize": vm.Function("f", nil),
		"Unsupport type thread to serialize":   s.Main().Value(),
		"Unsupport type userdata to serialize": vm.NewUserdata(1, nil).Value(),
	} {
		if _, err := AppendPack(nil, s, []vm.Value{vm.Int(1), v}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for _, text := range []string{
		"07", "0a", "12ff", "22ffffff", "32ff", "42", "03", "14", "1520", "15ffff", "2d", "25ffffffff", "06", "0e", "fe", "fe04", "fe42",
		"fe22ffffffff", "fe22ffffff7f", "1a", "2a", "3a", "4a", "0642000000000000f87f0900",
	} {
		b, _ := hex.DecodeString(text)
		if v, err := AppendUnpack(nil, s, b); err == nil {
			t.Errorf("%s was unpacked to %d values", text, len(v))
		}
		if v, err := UnpackAny(b); err == nil {
			t.Errorf("%s was unpacked to %v", text, v)
		}
	}
}

// Metatables don't travel, but what __pairs shows does.
func TestPackPairs(t *testing.T) {
	s := vm.NewState(vm.Options{})
	tab, _ := table(s, numbers(3), vm.String("hidden"), vm.Int(1)).AsTable()
	meta := s.NewTable(0, 1)
	s.SetMetatable(tab, meta)
	plain, err := AppendPack(nil, s, []vm.Value{tab.Value()})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := AppendUnpack(nil, s, plain); err != nil || s.Metatable(v[0]) != nil {
		t.Errorf("unpacked with a metatable, or %v", err)
	}
	meta.SetString("__pairs", vm.Function("pairs", func(c *vm.Call) error {
		step := vm.Function("step", func(c *vm.Call) error {
			if c.Arg(2).IsNil() {
				c.Push(vm.String("shown"), vm.Bool(true))
			}
			return nil
		})
		c.Push(step, c.Arg(1))
		return nil
	}))
	b, err := AppendPack(nil, s, []vm.Value{tab.Value()})
	if want := "062c73686f776e0900"; err != nil || hex.EncodeToString(b) != want {
		t.Errorf("%x, %v; want %s", b, err, want)
	}
	meta.SetString("__pairs", vm.Function("pairs", func(c *vm.Call) error { return c.Errorf("not now") }))
	if _, err := AppendPack(nil, s, []vm.Value{tab.Value()}); err == nil || !strings.Contains(err.Error(), "not now") {
		t.Errorf("an error of __pairs: %v", err)
	}
}

// A table that holds another one twice, and so on, doubles with each level: the memory limit ends that.
func TestPackBomb(t *testing.T) {
	s := vm.NewState(vm.Options{})
	s.SetMemoryLimit(16 << 20)
	v := table(s, []vm.Value{vm.String("x")})
	for range 30 {
		v = table(s, []vm.Value{v, v})
	}
	if _, err := AppendPack(nil, s, []vm.Value{v}); err == nil || !strings.Contains(err.Error(), "not enough memory") {
		t.Errorf("got %v", err)
	}
}

func TestPackAny(t *testing.T) {
	in := []any{
		nil, true, 1, int8(-2), uint16(3), int64(1) << 40, 1.5, "text", []byte("bytes"), Handle(9), Pointer(77),
		[]any{1, "two", nil, []any{}}, []string{"a", "b"}, map[string]any{"k": map[string]any{"n": 1}}, map[any]any{1: "one", "x": 2.5, true: nil},
	}
	want := []any{
		nil, true, 1.0, -2.0, 3.0, float64(1 << 40), 1.5, "text", "bytes", 9.0, Pointer(77),
		[]any{1.0, "two", nil, []any{}}, []any{"a", "b"}, map[string]any{"k": map[string]any{"n": 1.0}}, map[any]any{1.0: "one", "x": 2.5, true: nil},
	}
	b, err := PackAny(in...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := UnpackAny(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v, %v\nwant %#v", got, err, want)
	}
	if _, err := PackAny(struct{}{}); err == nil || !strings.Contains(err.Error(), "struct {}") {
		t.Errorf("a struct: %v", err)
	}
	s := vm.NewState(vm.Options{})
	b, err = AppendPack(nil, s, []vm.Value{table(s, numbers(1), vm.String("x"), vm.Int(2)), table(s, nil, table(s, nil), vm.Int(1))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := UnpackAny(b); err == nil || !strings.Contains(err.Error(), "has no form in Go") {
		t.Errorf("a table as a key: %v", err)
	}
}

// Whatever comes in, unpacking ends without a panic; and what it gives is packed and unpacked to the same.
func FuzzUnpack(f *testing.F) {
	for _, text := range []string{
		"", "0a01146162160a010a020c6b090042000000000000f83f0022fbffffff2270110100", "fe0a1f", "0e0e0e0e", "25ffffffff",
		"152000", "030504030201000000", "1600020a00", "fe22ffffff7f", "06090600",
	} {
		b, _ := hex.DecodeString(text)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := vm.NewState(vm.Options{})
		s.SetMemoryLimit(64 << 20)
		_, _ = UnpackAny(data)
		values, err := AppendUnpack(nil, s, data)
		if err != nil {
			return
		}
		b, err := AppendPack(nil, s, values)
		if err != nil {
			t.Fatalf("unpacked, but not packed: %v", err)
		}
		again, err := AppendUnpack(nil, s, b)
		if err != nil || len(again) != len(values) {
			t.Fatalf("%d values became %d, %v", len(values), len(again), err)
		}
		for i := range values {
			if values[i].Kind() != again[i].Kind() {
				t.Fatalf("value %d became a %s", i, again[i].Kind())
			}
		}
	})
}

func BenchmarkPack(b *testing.B) {
	s := vm.NewState(vm.Options{})
	values := []vm.Value{vm.String("command"), table(s, numbers(3), vm.String("name"), vm.String("value"))}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = AppendPack(buf[:0], s, values)
	}
}

func BenchmarkUnpack(b *testing.B) {
	s := vm.NewState(vm.Options{})
	data, _ := AppendPack(nil, s, []vm.Value{vm.String("command"), table(s, numbers(3), vm.String("name"), vm.String("value"))})
	var values []vm.Value
	b.ReportAllocs()
	for b.Loop() {
		values, _ = AppendUnpack(values[:0], s, data)
	}
}
