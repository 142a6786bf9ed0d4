package mime

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// chunked is one of the filters that take a stream in two parts and return output and unfinished input.
type chunked func(c, d string, hasD bool) (out, rest string)

func qpBinary(c, d string, hasD bool) (out, rest string) { return QP(c, d, hasD, "=0D=0A") }
func qpText(c, d string, hasD bool) (out, rest string)   { return QP(c, d, hasD, crlf) }

func TestChunkedFilters(t *testing.T) {
	tests := []struct {
		name   string
		filter chunked
		c, d   string
		hasD   bool
		out    string
		rest   string
	}{
		{"b64 nothing", B64, "", "", false, "", ""},
		{"b64 RFC 4648", B64, "foobar", "", false, "Zm9vYmFy", ""},
		{"b64 one byte of padding", B64, "fooba", "", false, "Zm9vYmE=", ""},
		{"b64 two bytes of padding", B64, "foob", "", false, "Zm9vYg==", ""},
		{"b64 every byte", B64, "\xfb\xff\xbf", "", false, "+/+/", ""},
		{"b64 keeps what makes no group", B64, "foob", "", true, "Zm9v", "b"},
		{"b64 goes on", B64, "b", "ar", true, "YmFy", ""},
		{"b64 not even one group", B64, "a", "b", true, "", "ab"},

		{"unb64", Unb64, "Zm9vYmE=", "", false, "fooba", ""},
		{"unb64 skips line breaks", Unb64, "Zm9v\r\nYmFy", "", false, "foobar", ""},
		{"unb64 over the padding", Unb64, "Zg==Zg==", "", false, "ff", ""},
		{"unb64 drops an incomplete group", Unb64, "Zm9vYg", "", false, "foo", ""},
		{"unb64 keeps an incomplete group", Unb64, "Zm9v", "Y*g", true, "foo", "Yg"},

		{"qp", qpText, "a=b\r\nÿ", "", false, "a=3Db\r\n=C3=BF", ""},
		{"qp space before a line break", qpText, "a \r\nb", "", false, "a=20\r\nb", ""},
		{"qp space inside", qpText, "a bc", "", false, "a bc", ""},
		{"qp space at the end", qpText, "a ", "", false, "a=20=\r\n", ""},
		{"qp space that waits", qpText, "a", " ", true, "a", " "},
		{"qp CR that waits", qpText, "a\r", "", true, "a", "\r"},
		{"qp CR that was one of a pair", qpText, "\r", "\nb", true, "\r\nb", ""},
		{"qp lone CR and LF", qpText, "a\rb\nc", "", false, "a=0Db=0Ac", ""},
		{"qp binary", qpBinary, "a\r\nb", "", false, "a=0D=0Ab", ""},

		{"unqp", UnQP, "a=3Db\r\n=c3=BF", "", false, "a=b\r\nÿ", ""},
		{"unqp soft line break", UnQP, "a=\r\nb", "", false, "ab", ""},
		{"unqp what is no escape", UnQP, "=3G=GG", "", false, "=3G=GG", ""},
		{"unqp lone CR and LF", UnQP, "a\rbc\nd", "", false, "acd", ""},
		{"unqp half an escape waits", UnQP, "a=", "3", true, "a", "=3"},
		{"unqp half an escape ends", UnQP, "a=3", "", false, "a", ""},
		{"unqp NUL first", UnQP, "=00a", "", false, "\x00a", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, rest := test.filter(test.c, test.d, test.hasD)
			if out != test.out || rest != test.rest {
				t.Errorf("got %q, %q; want %q, %q", out, rest, test.out, test.rest)
			}
		})
	}
}

func TestLineFilters(t *testing.T) {
	tests := []struct {
		name      string
		run       func() (string, int)
		out       string
		remaining int
	}{
		{"wrp", func() (string, int) { return Wrp(3, "abcdefg", 3) }, "abc\r\ndef\r\ng", 2},
		{"wrp in the middle of a line", func() (string, int) { return Wrp(1, "ab", 3) }, "a\r\nb", 2},
		{"wrp line breaks", func() (string, int) { return Wrp(76, "a\r\nb\nc\r", 76) }, "a\r\nb\r\nc", 75},
		{"wrp nothing", func() (string, int) { return Wrp(5, "", 76) }, "", 5},
		{"qpwrp", func() (string, int) { return QPWrp(4, "abcdef", 4) }, "abc=\r\ndef", 1},
		{"qpwrp keeps escapes whole", func() (string, int) { return QPWrp(5, "abc=3Dd", 5) }, "abc=\r\n=3Dd", 1},
		{"qpwrp line breaks", func() (string, int) { return QPWrp(5, "a\r\nb\n", 5) }, "a\r\nb\r\n", 5},
		{"eol", func() (string, int) { return EOL(0, "a\rb\nc\r\nd\n\re", crlf) }, "a\r\nb\r\nc\r\nd\r\ne", 0},
		{"eol empty lines", func() (string, int) { return EOL(0, "\n\na\r\n\r\n", "|") }, "||a||", 0},
		{"eol two equal ones aren't half a pair", func() (string, int) { return EOL(0, "\r\r\n", "|") }, "|||", '\n'},
		{"eol half a pair", func() (string, int) { return EOL(0, "a\r", "|") }, "a|", '\r'},
		{"eol the other half", func() (string, int) { return EOL('\r', "\na", "|") }, "a", 0},
		{"dot", func() (string, int) { return Dot(DotStart, ".a\r\n.\r\nb.c\n.d\r.") }, "..a\r\n..\r\nb.c\n.d\r.", 0},
		{"dot after a CR", func() (string, int) { return Dot(0, "a\r") }, "a\r", 1},
		{"dot after a CRLF", func() (string, int) { return Dot(1, "\n") }, "\n", DotStart},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, remaining := test.run()
			if out != test.out || remaining != test.remaining {
				t.Errorf("got %q, %d; want %q, %d", out, remaining, test.out, test.remaining)
			}
		})
	}
}

func TestLineEnds(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{WrpEnd(76, 76), ""},
		{WrpEnd(75, 76), "\r\n"},
		{QPWrpEnd(76, 76), ""},
		{QPWrpEnd(0, 76), "=\r\n"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

// stream runs the input through a filter as scripts do: chunk by chunk, then the end.
func stream(filter chunked, chunks ...string) string {
	var all strings.Builder
	unfinished := ""
	for _, chunk := range chunks {
		out, rest := filter(unfinished, chunk, true)
		all.WriteString(out)
		unfinished = rest
	}
	out, _ := filter(unfinished, "", false)
	all.WriteString(out)
	return all.String()
}

func FuzzFilters(f *testing.F) {
	f.Add("", 0)
	f.Add("foobar", 4)
	f.Add("a \r\nb\t\r\n\r\r\n=3D=\r\n", 2)
	f.Add("\x00\xff =\r", 5)
	f.Add("..\r\n.\r\n", 3)
	f.Fuzz(func(t *testing.T, input string, at int) {
		at = min(max(at, 0), len(input))
		a, b := input[:at], input[at:]

		for name, filter := range map[string]chunked{"b64": B64, "unb64": Unb64, "qp": qpText, "unqp": UnQP} {
			whole, split := stream(filter, input), stream(filter, a, b)
			if split != whole {
				t.Errorf("%s in two chunks: %q, in one: %q", name, split, whole)
			}
		}
		if back := stream(Unb64, stream(B64, input)); back != input {
			t.Errorf("unb64(b64(%q)) = %q", input, back)
		}
		wrapped, left := QPWrp(DefaultLength, stream(qpBinary, input), DefaultLength)
		if back := stream(UnQP, wrapped+QPWrpEnd(left, DefaultLength)); back != input {
			t.Errorf("quoted-printable and back: %q, want %q", back, input)
		}
		for line := range strings.SplitSeq(wrapped, crlf) {
			if len(line) > DefaultLength {
				t.Errorf("line of %d bytes: %q", len(line), line)
			}
		}

		lineFilters := map[string]func(int, string) (string, int){
			"wrp":   func(left int, s string) (string, int) { return Wrp(left, s, 5) },
			"qpwrp": func(left int, s string) (string, int) { return QPWrp(left, s, 5) },
			"eol":   func(last int, s string) (string, int) { return EOL(last, s, crlf) },
			"dot":   Dot,
		}
		for name, filter := range lineFilters {
			whole, end := filter(DotStart, input)
			first, state := filter(DotStart, a)
			second, splitEnd := filter(state, b)
			if first+second != whole || splitEnd != end {
				t.Errorf("%s in two chunks: %q, %d; in one: %q, %d", name, first+second, splitEnd, whole, end)
			}
		}
	})
}

// referee calls LuaSocket's filters for each line of stdin: a name and arguments. A string travels as "s" and hexadecimal digits,
// a number as "d" and decimal digits, nil as "n".
const referee = `
local mime = require "mime.core"
local function decode(field)
	local kind, text = field:sub(1, 1), field:sub(2)
	if kind == "s" then
		return (text:gsub("..", function(digits) return string.char(tonumber(digits, 16)) end))
	end
	return kind == "d" and tonumber(text) or nil
end
local function encode(value)
	if type(value) == "string" then
		return "s" .. value:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
	end
	return value and ("d%d"):format(value) or "n"
end
for line in io.lines() do
	local name, first, second, third = line:match("^(%S+) (%S+) (%S+) (%S+)$")
	local a, b = mime[name](decode(first), decode(second), decode(third))
	print(encode(a) .. " " .. encode(b))
end
`

func field(v any) string {
	switch v := v.(type) {
	case string:
		return "s" + hex.EncodeToString([]byte(v))
	case int:
		return "d" + strconv.Itoa(v)
	}
	return "n"
}

// results puts down what the Lua function returns when the Go function returned out and state; at the end of the input "" stands for nil.
func results(out string, state any, atEnd bool) string {
	if atEnd && out == "" {
		return field(nil) + " " + field(state)
	}
	return field(out) + " " + field(state)
}

type filterCall struct{ request, got string }

func chunkedCall(name string, filter chunked, c, d string, hasD bool, marker any) filterCall {
	out, rest := filter(c, d, hasD)
	second, state := any(d), any(rest)
	if !hasD {
		second, state = nil, nil
	}
	return filterCall{
		request: fmt.Sprint(name, " ", field(c), " ", field(second), " ", field(marker)),
		got:     results(out, state, !hasD),
	}
}

func lineCall(name string, state int, text string, option any, out string, next int) filterCall {
	return filterCall{
		request: fmt.Sprint(name, " ", field(state), " ", field(text), " ", field(option)),
		got:     results(out, next, false),
	}
}

// randomText is rich in the bytes that the filters care about.
func randomText(random *rand.Rand) string {
	const special = "\r\n\r\n \t=.=AZaz09+/3DfG*\x00\xff\x7f!"
	text := make([]byte, random.Intn(40))
	for i := range text {
		text[i] = special[random.Intn(len(special))]
		if random.Intn(8) == 0 {
			text[i] = byte(random.Intn(256))
		}
	}
	return string(text)
}

func randomCalls(random *rand.Rand) []filterCall {
	c, d, hasD := randomText(random), randomText(random), random.Intn(2) == 0
	left, length := random.Intn(12)-2, random.Intn(10)
	last, state := []int{0, '\r', '\n'}[random.Intn(3)], random.Intn(3)

	calls := []filterCall{
		chunkedCall("b64", B64, c, d, hasD, nil),
		chunkedCall("unb64", Unb64, c, d, hasD, nil),
		chunkedCall("qp", qpText, c, d, hasD, nil),
		chunkedCall("qp", qpBinary, c, d, hasD, "=0D=0A"),
		{fmt.Sprint("wrp ", field(left), " n ", field(length)), results(WrpEnd(left, length), length, true)},
		{fmt.Sprint("qpwrp ", field(left), " n ", field(length)), results(QPWrpEnd(left, length), length, true)},
	}
	if out, _ := UnQP(c, d, hasD); !strings.HasPrefix(out, "\x00") || hasD {
		calls = append(calls, chunkedCall("unqp", UnQP, c, d, hasD, nil))
	}
	out, next := Wrp(left, c, length)
	calls = append(calls, lineCall("wrp", left, c, length, out, next))
	out, next = QPWrp(left, c, length)
	calls = append(calls, lineCall("qpwrp", left, c, length, out, next))
	out, next = EOL(last, c, "<br>")
	calls = append(calls, lineCall("eol", last, c, "<br>", out, next))
	out, next = Dot(state, c)
	return append(calls, lineCall("dot", state, c, nil, out, next))
}

// TestLikeLuaSocket compares with LuaSocket itself, from Debian's packages lua5.2 and lua-socket.
func TestLikeLuaSocket(t *testing.T) {
	if exec.Command("lua5.2", "-e", `require "mime.core"`).Run() != nil {
		t.Skip("lua5.2 with lua-socket is not installed")
	}
	random := rand.New(rand.NewSource(1))
	var calls []filterCall
	for range 3000 {
		calls = append(calls, randomCalls(random)...)
	}

	requests := new(strings.Builder)
	for _, call := range calls {
		fmt.Fprintln(requests, call.request)
	}
	lua := exec.Command("lua5.2", "-e", referee)
	lua.Stdin = strings.NewReader(requests.String())
	stderr := new(strings.Builder)
	lua.Stderr = stderr
	answers, err := lua.Output()
	if err != nil {
		t.Fatalf("lua5.2: %v\n%s", err, stderr)
	}

	want := bufio.NewReader(strings.NewReader(string(answers)))
	for _, call := range calls {
		line, err := want.ReadString('\n')
		if err == io.EOF {
			t.Fatalf("lua5.2 stopped before %s", call.request)
		}
		if line = strings.TrimSuffix(line, "\n"); call.got != line {
			t.Errorf("%s\n got %s\nwant %s", call.request, call.got, line)
		}
	}
}

func BenchmarkB64(b *testing.B) {
	input := strings.Repeat("0123456789abcdef", 64)
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		B64(input, "", false)
	}
}

func BenchmarkUnb64(b *testing.B) {
	input, _ := B64(strings.Repeat("0123456789abcdef", 64), "", false)
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		Unb64(input, "", false)
	}
}

func BenchmarkQP(b *testing.B) {
	input := strings.Repeat("plain text, ümläuts = \r\n", 40)
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		QP(input, "", false, crlf)
	}
}
