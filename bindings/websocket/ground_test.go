package websocket_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

const behindClose = "7.1 behind the close"

// testGround goes over the ground of the Autobahn suite, group by group, with raw frames against scripts/wsecho.lua in the
// built program. The tests of internal/ws are more thorough; this one sees that nothing gets lost on the way through a script.
func testGround(t *testing.T, s *echoProgram) {
	const text, bin, pong, closed = "\x81", "\x82", "\x8a", "\x88"
	code := func(n int) string { return closed + string(binary.BigEndian.AppendUint16(nil, uint16(n))) }
	good := masked(0x81, "good")
	long := strings.Repeat("*", 65536)
	type ground struct {
		send string
		want []string // a frame's first byte and payload each; of a close frame, the beginning
	}
	cases := map[string]ground{
		"2.5 a long ping":              {masked(0x89, strings.Repeat("x", 126)), []string{code(1002)}},
		"2.7 a pong nobody asked for":  {masked(0x8a, "x") + masked(0x89, "p"), []string{pong + "p"}},
		"2.10 ten pings":               {strings.Repeat(masked(0x89, "p"), 10), strings.Split(strings.Repeat(pong+"p,", 9)+pong+"p", ",")},
		"5.1 a ping in fragments":      {masked(0x09, "a") + masked(0x80, "b"), []string{code(1002)}},
		"5.3 fragments":                {masked(0x01, "frag") + masked(0x80, "ment"), []string{text + "fragment"}},
		"5.6 a ping between":           {masked(0x01, "a") + masked(0x89, "!") + masked(0x80, "b"), []string{pong + "!", text + "ab"}},
		"5.9 a continuation of what":   {masked(0x80, "x") + good, []string{code(1002)}},
		"5.15 one too many":            {masked(0x01, "a") + masked(0x80, "b") + masked(0x00, "c") + good, []string{text + "ab", code(1002)}},
		"5.18 text in a message":       {masked(0x01, "a") + masked(0x81, "b"), []string{code(1002)}},
		"5.19 two pings between":       {masked(0x01, "a") + masked(0x89, "1") + masked(0x00, "b") + masked(0x89, "2") + masked(0x80, "c"), []string{pong + "1", pong + "2", text + "abc"}},
		"6.1 empty fragments":          {masked(0x01, "") + masked(0x00, "") + masked(0x80, ""), []string{text}},
		"6.2 all lengths of UTF-8":     {pieces(0x01, "aé€🙂", 1), []string{text + "aé€🙂"}},
		"6.3 not UTF-8":                {masked(0x81, "\xce\xba\xed\xa0\x80edited"), []string{code(1007)}},
		"6.4 not UTF-8, found early":   {masked(0x01, "\xce\xba\xf4\x90\x80\x80"), []string{code(1007)}},
		"6.4.3 the same, in one frame": {masked(0x81, "\xce\xba\xf4\x90\x80\x80edited")[:6+4], []string{code(1007)}},
		"6.6 a character cut off":      {masked(0x81, "\xce\xba\xe1\xbd"), []string{code(1007)}},
		"6.22 noncharacters":           {masked(0x81, "\uffff\U0010ffff\ufffe"), []string{text + "\uffff\U0010ffff\ufffe"}},
		"7.1.5 a close in a message":   {masked(0x01, "a") + closing(1000, "") + masked(0x80, "b"), []string{code(1000)}},
		behindClose:                    {good + closing(1000, "") + masked(0x89, "x") + good, []string{text + "good", code(1000)}},
		"7.1.6 much, then the close":   {masked(0x81, long) + good + closing(1000, ""), []string{text + long, text + "good", code(1000)}},
		"7.3.1 a close without a code": {masked(0x88, ""), []string{closed}},
		"7.3.2 a close of one byte":    {masked(0x88, "a"), []string{code(1002)}},
		"7.3.5 a long reason":          {closing(1000, strings.Repeat("*", 123)), []string{code(1000)}},
		"7.3.6 too long a reason":      {closing(1000, strings.Repeat("*", 124)), []string{code(1002)}},
		"7.5 a reason not UTF-8":       {closing(1000, "\xce\xba\xed\xa0\x80"), []string{code(1007)}},
		"10.1 1300 bytes a frame":      {pieces(0x01, long, 1300), []string{text + long}},
		"9 a megabyte, 64 bytes each":  {pieces(0x02, strings.Repeat(long, 16), 64), []string{bin + strings.Repeat(long, 16)}},
		"not masked":                   {good + "\x81\x02hi", []string{text + "good", code(1002)}},
		"over the limit":               {good + "\x82\xff\x00\x00\x00\x00\x01\x00\x00\x01mask", []string{text + "good", code(1009)}},
	}
	for _, size := range []int{0, 125, 126, 127, 128, 65535, 65536} {
		cases[fmt.Sprint("1.1 text of ", size)] = ground{masked(0x81, long[:size]), []string{text + long[:size]}}
		cases[fmt.Sprint("1.2 binary of ", size)] = ground{masked(0x82, strings.Repeat("\xfe", size)), []string{bin + strings.Repeat("\xfe", size)}}
	}
	for _, bits := range []byte{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70} {
		cases[fmt.Sprintf("3 reserved bits %#x", bits)] = ground{good + masked(0x81|bits, "x") + masked(0x89, ""), []string{text + "good", code(1002)}}
		cases[fmt.Sprintf("3 reserved bits %#x of a ping", bits)] = ground{good + masked(0x89|bits, "x"), []string{text + "good", code(1002)}}
	}
	for _, opcode := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		cases[fmt.Sprint("4 opcode ", opcode)] = ground{good + masked(0x80|opcode, "x") + masked(0x89, ""), []string{text + "good", code(1002)}}
	}
	for _, n := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		cases[fmt.Sprint("7.7 code ", n)] = ground{closing(n, "reason"), []string{code(n)}}
	}
	for _, n := range []int{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535} {
		cases[fmt.Sprint("7.9 code ", n)] = ground{closing(n, ""), []string{code(1002)}}
	}
	for _, message := range goodTexts {
		cases[fmt.Sprintf("6 %q", message)] = ground{masked(0x81, message) + pieces(0x01, message, 1), []string{text + message, text + message}}
	}
	for _, message := range badTexts {
		cases[fmt.Sprintf("6 %q", message)] = ground{good + masked(0x81, message), []string{text + "good", code(1007)}}
		cases[fmt.Sprintf("6 %q in fragments", message)] = ground{good + pieces(0x01, message, 1), []string{text + "good", code(1007)}}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if last := c.want[len(c.want)-1]; !strings.HasPrefix(last, closed) {
				c.send, c.want = c.send+closing(1000, ""), append(c.want, code(1000))
			}
			for _, step := range []int{len(c.send), 5} {
				if step < len(c.send) && len(c.send) > 1000 {
					continue
				}
				p := s.raw(t, "X-Plain: yes")
				go p.chop(c.send, step)
				for _, want := range c.want {
					if got := p.frame(); got != want && !(strings.HasPrefix(want, closed) && len(want) > 1 && strings.HasPrefix(got, want)) {
						t.Fatalf("by %d: got %.40q (%d bytes), want %.40q", step, got, len(got), want)
					}
				}
				b, err := io.ReadAll(p.reader)
				if name == behindClose && errors.Is(err, syscall.ECONNRESET) {
					err = nil // who sends to a closed connection is told so
				}
				if len(b) > 0 || err != nil {
					t.Errorf("by %d: behind the close frame: %q, %v", step, b, err)
				}
			}
		})
	}
	offers := []string{
		"permessage-deflate", "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
		"permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=15",
	}
	for bits := 8; bits <= 15; bits++ {
		offers = append(offers, fmt.Sprintf("permessage-deflate; client_max_window_bits=%d; server_max_window_bits=%d", bits, bits))
	}
	for _, offer := range offers {
		t.Run("12, 13 "+offer, func(t *testing.T) {
			p := s.raw(t, "Sec-WebSocket-Extensions: "+offer)
			for _, size := range []int{0, 1, 16, 1000, 8 << 10, 128 << 10} {
				message := strings.Repeat(`{"name": "value", "list": [1, 2, 3]} `, size/37+1)[:size]
				packed := deflated(t, message)
				for _, send := range []string{masked(0xc1, packed), pieces(0x41, packed, len(packed)/3+1), masked(0x81, message)} {
					go p.chop(send, len(send))
					got := p.frame()
					answer := got[1:]
					if got[0] == 0xc1 {
						answer = inflated(t, answer)
					}
					if got[0]&0xbf != 0x81 || answer != message {
						t.Fatalf("%d bytes: got %#x and %d bytes", size, got[0], len(answer))
					}
				}
			}
			p.chop(masked(0xc1, "\xff\xff\xff")+closing(1000, ""), 1000) // damaged
			if got := p.frame(); !strings.HasPrefix(got, code(1007)) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// goodTexts and badTexts are the edges of UTF-8, group by group as in Markus Kuhn's stress test of decoders.
var (
	goodTexts = []string{
		"κόσμε", "\x00", "\u0080", "\u0800", "\U00010000", "\x7f", "\u07ff", "\uffff", "\U0010ffff", "\ud7ff", "\ue000", "\ufffd", // 1 to 2
		"\ufffe", "\U0001fffe", "\U0001ffff", "\U0008fffe", "\U0008ffff", "\U000ffffe", "\ufdd0", "\ufeff", // 5.3
	}
	badTexts = []string{
		"\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80", "\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf", "\xf4\x90\x80\x80", // 2
		"\x80", "\xbf", "\x80\xbf\x80\xbf", "\xc0 \xc1 ", "\xdf ", "\xe0 \xef ", "\xf0 \xf7 ", "\xf8 \xfb ", "\xfc \xfd ", // 3.1, 3.2
		"\xc0", "\xe0\x80", "\xf0\x80\x80", "\xdf", "\xef\xbf", "\xf4\x8f\xbf", "\xdf\xef\xbf\xf7\xbf\xbf", "\xfe", "\xff", "\xfe\xfe\xff\xff", // 3.3 to 3.5
		"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", // 4.1, 4.2
		"\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80", // 4.3
		"\xed\xa0\x80", "\xed\xad\xbf", "\xed\xbf\xbf", "\xed\xa0\x80\xed\xb0\x80", "\xed\xaf\xbf\xed\xbf\xbf", // 5.1, 5.2
	}
)

// masked makes a client's frame; first is FIN, the reserved bits and the opcode.
func masked(first byte, payload string) string {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	const key = "\x37\xfa\x21\x3d"
	b = append(b, key...)
	for i := range len(payload) {
		b = append(b, payload[i]^key[i&3])
	}
	return string(b)
}

// pieces makes a message of fragments; first is the reserved bits and the opcode.
func pieces(first byte, message string, size int) string {
	var b strings.Builder
	for len(message) > size {
		b.WriteString(masked(first, message[:size]))
		first, message = 0, message[size:]
	}
	return b.String() + masked(0x80|first, message)
}

func closing(code int, reason string) string {
	return masked(0x88, string(binary.BigEndian.AppendUint16(nil, uint16(code)))+reason)
}

func deflated(t *testing.T, message string) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, message)
	_ = w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func inflated(t *testing.T, payload string) string {
	b, err := io.ReadAll(flate.NewReader(strings.NewReader(payload + "\x00\x00\xff\xff\x01\x00\x00\xff\xff")))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// rawPeer is a client that sends whatever it is told to.
type rawPeer struct {
	net.Conn
	t      *testing.T
	reader *bufio.Reader
}

// raw connects with a handshake that has one more line.
func (s *echoProgram) raw(t *testing.T, header string) *rawPeer {
	t.Helper()
	c := raw(t, strings.TrimPrefix(s.url, "ws://"))
	p := &rawPeer{c, t, bufio.NewReader(c)}
	p.chop("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+header+"\r\n\r\n", 1000)
	r, err := http.ReadResponse(p.reader, nil)
	if err != nil || r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v, %v", r, err)
	}
	return p
}

// chop sends in pieces. Whether all has arrived is seen in the answers.
func (p *rawPeer) chop(text string, size int) {
	for len(text) > 0 {
		n := min(size, len(text))
		if _, err := io.WriteString(p, text[:n]); err != nil {
			return
		}
		text = text[n:]
	}
}

// frame reads a frame; it returns the first byte and the payload.
func (p *rawPeer) frame() string {
	p.t.Helper()
	head := make([]byte, 10)
	_, err := io.ReadFull(p.reader, head[:2])
	size := uint64(head[1])
	switch {
	case err != nil:
	case size == 126:
		_, err = io.ReadFull(p.reader, head[2:4])
		size = uint64(binary.BigEndian.Uint16(head[2:]))
	case size == 127:
		_, err = io.ReadFull(p.reader, head[2:])
		size = binary.BigEndian.Uint64(head[2:])
	}
	if err != nil || size > 64<<20 {
		p.t.Fatalf("a frame of %d bytes: %v", size, err)
	}
	b := make([]byte, 1+size)
	b[0] = head[0]
	if _, err := io.ReadFull(p.reader, b[1:]); err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}
