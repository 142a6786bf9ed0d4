package ws_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/internal/ws"
)

const text, binaryFrame, closing, ping, pong = 0x81, 0x82, 0x88, 0x89, 0x8a

func TestEcho(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Message: 16 << 20}})
	r := s.dial(nil)
	for _, size := range []int{0, 1, 125, 126, 127, 128, 4095, 4096, 65535, 65536, 100000, 1 << 20, 16 << 20} {
		for _, op := range []byte{text, binaryFrame} {
			payload := strings.Repeat("*", size)
			if op == binaryFrame {
				payload = strings.Repeat("\xfe", size)
			}
			r.send(frame(op, payload))
			r.expect(op, payload)
		}
	}
	r.send(closeFrame(1000, "bye"))
	r.expectClose(1000)
	if e := s.end(); e.Code != 1000 || e.Reason != "bye" || !e.Remote || e.Err != nil {
		t.Errorf("ended with %+v", e)
	}
}

// TestSlowly fails when a frame's pieces are not put together, wherever the network cuts it.
func TestSlowly(t *testing.T) {
	s := serve(t, ws.Options{})
	r := s.dial(nil)
	message := strings.Repeat("piece", 40)
	bytes := join(frame(text, message), frame(0x01, "a"), frame(ping, "p"), frame(0x80, "b"), closeFrame(3001, "done"))
	go func() {
		for _, b := range bytes {
			_, _ = r.Write([]byte{b})
		}
	}()
	r.expect(text, message)
	r.expect(pong, "p")
	r.expect(text, "ab")
	r.expectClose(3001)
}

func TestFrameInTheHandshakesPacket(t *testing.T) {
	s := serve(t, ws.Options{})
	r := s.dial(join(frame(text, "early"), frame(text, "bird")))
	r.expect(text, "early")
	r.expect(text, "bird")
}

func TestFragments(t *testing.T) {
	s := serve(t, ws.Options{})
	for _, c := range []struct {
		name string
		send []byte
		want []string // first byte and payload
	}{
		{"two", join(frame(0x01, "frag"), frame(0x80, "ment")), []string{"\x81fragment"}},
		{"binary", join(frame(0x02, "\xff"), frame(0x00, ""), frame(0x80, "\xfe")), []string{"\x82\xff\xfe"}},
		{"empty", join(frame(0x01, ""), frame(0x00, ""), frame(0x80, "")), []string{"\x81"}},
		{"ping between", join(frame(0x01, "a"), frame(ping, "!"), frame(0x80, "b")), []string{"\x8a!", "\x81ab"}},
		{"pong unasked", join(frame(pong, "x"), frame(text, "y")), []string{"\x81y"}},
		{"ping empty", frame(ping, ""), []string{"\x8a"}},
		{"ping full", frame(ping, strings.Repeat("\xfe", 125)), []string{"\x8a" + strings.Repeat("\xfe", 125)}},
		{"ten pings", []byte(strings.Repeat(string(frame(ping, "p")), 10)), strings.Split(strings.Repeat("\x8ap,", 9)+"\x8ap", ",")},
		{"a code point in pieces", join(frame(0x01, "\xce"), frame(0x00, "\xba\xe1"), frame(0x00, "\xbd"), frame(0x80, "\xb9")), []string{"\x81\u03ba\u1f79"}},
		{"noncharacters", frame(text, "\uffff\U0010ffff\ufdd0"), []string{"\x81\uffff\U0010ffff\ufdd0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.dial(c.send)
			for _, w := range c.want {
				r.expect(w[0], w[1:])
			}
			r.send(frame(closing, ""))
			r.expectClose(0)
		})
	}
}

func TestProtocolViolations(t *testing.T) {
	unmasked := []byte{text, 2, 'h', 'i'}
	long := func(first byte, code byte, size ...byte) []byte {
		return append(append([]byte{first, 0x80 | code}, size...), 0, 0, 0, 0)
	}
	plain := map[string][]byte{
		"not masked":               unmasked,
		"RSV1":                     frame(0xc1, "x"),
		"RSV2":                     frame(0xa1, "x"),
		"RSV3":                     frame(0x91, "x"),
		"RSV on ping":              frame(0xf9, ""),
		"RSV1 on close":            frame(0xc8, ""),
		"opcode 3":                 frame(0x83, ""),
		"opcode 4":                 frame(0x84, "x"),
		"opcode 5":                 frame(0x85, ""),
		"opcode 6":                 frame(0x86, ""),
		"opcode 7":                 frame(0x87, "x"),
		"opcode 11":                frame(0x8b, ""),
		"opcode 12":                frame(0x8c, "x"),
		"opcode 13":                frame(0x8d, ""),
		"opcode 14":                frame(0x8e, ""),
		"opcode 15":                frame(0x8f, "x"),
		"long ping":                frame(ping, strings.Repeat("x", 126)),
		"very long ping":           long(ping, 127, 0, 0, 1, 0, 0, 0, 0, 0),
		"long close":               frame(closing, "\x03\xe8"+strings.Repeat("x", 124)),
		"fragmented ping":          join(frame(0x09, "a"), frame(0x80, "b")),
		"fragmented pong":          frame(0x0a, ""),
		"fragmented close":         frame(0x08, ""),
		"continuation of nothing":  frame(0x80, "x"),
		"more of nothing":          frame(0x00, "x"),
		"text inside a message":    join(frame(0x01, "a"), frame(text, "b")),
		"binary inside a message":  join(frame(0x01, "a"), frame(0x02, "b")),
		"length 5 in 16 bits":      append(long(text, 126, 0, 5), "hello"...),
		"length 125 in 16 bits":    long(text, 126, 0, 125),
		"length 65535 in 64 bits":  long(text, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
		"length with the sign bit": long(text, 127, 0x80, 0, 0, 0, 0, 0, 0, 0),
		"length of all ones":       long(text, 127, 255, 255, 255, 255, 255, 255, 255, 255),
		"close of one byte":        frame(closing, "\x03"),
	}
	for _, code := range []int{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		plain[fmt.Sprint("close code ", code)] = closeFrame(code, "")
	}
	deflated := map[string][]byte{
		"RSV2 with deflate":              frame(0xa1, "x"),
		"RSV3 with deflate":              frame(0x91, "x"),
		"RSV1 on a continuation":         join(frame(0x01, "a"), frame(0xc0, "b")),
		"RSV1 on a ping":                 frame(0xc9, ""),
		"RSV1 on a close":                frame(0xc8, ""),
		"RSV1+2 with deflate":            frame(0xe1, "x"),
		"unmasked with deflate":          unmasked,
		"unknown opcode with deflate":    frame(0xc3, "x"),
		"compressed inside of a message": join(frame(0x01, "a"), frame(0xc1, "b")),
	}
	run := func(t *testing.T, cases map[string][]byte, header ...string) {
		s := serve(t, ws.Options{Compression: true})
		for name, bytes := range cases {
			t.Run(name, func(t *testing.T) {
				s.echo.mu.Lock()
				s.echo.seen = nil
				s.echo.mu.Unlock()
				r := s.dial(nil, header...)
				r.send(join(frame(text, "good"), bytes)) // what comes before is handled
				r.expect(text, "good")
				r.expectClose(1002)
				if e := s.end(); e.Code != 1002 || e.Err == nil {
					t.Errorf("ended with %+v", e)
				}
				if seen := s.messages(); len(seen) != 1 {
					t.Errorf("the handler saw %q", seen)
				}
			})
		}
	}
	t.Run("plain", func(t *testing.T) { run(t, plain) })
	t.Run("deflate", func(t *testing.T) { run(t, deflated, "Sec-WebSocket-Extensions: permessage-deflate") })
}

func TestInvalidUTF8(t *testing.T) {
	s := serve(t, ws.Options{})
	for _, bad := range []string{"\xff", "\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xce", "\xce\xba\xe1\xbd", "ok\x80", "\xc1\xbf", "\xfe\xfe\xff\xff",
		strings.Repeat("x", 70000) + "\xff"} {
		for i := 0; i <= min(len(bad), 8); i++ {
			r := s.dial(join(frame(0x01, "start "+bad[:i]), frame(0x80, bad[i:])))
			r.expectClose(1007)
		}
		r := s.dial(frame(text, bad))
		r.expectClose(1007)
		if len(bad) <= 123 {
			r = s.dial(closeFrame(1000, bad))
			r.expectClose(1007)
		}
	}
	if seen := s.messages(); len(seen) != 0 {
		t.Errorf("the handler saw %q", seen)
	}
	r := s.dial(frame(binaryFrame, "\xff")) // binary is free
	r.expect(binaryFrame, "\xff")
}

// TestInvalidUTF8IsFoundEarly fails when a connection waits for the rest of a message whose text can't be UTF-8 any more. (Limits of
// surrogates and of Unicode: the second byte tells.)
func TestInvalidUTF8IsFoundEarly(t *testing.T) {
	s := serve(t, ws.Options{Compression: true})
	for _, deflate := range []string{"X-Plain: yes", "Sec-WebSocket-Extensions: permessage-deflate"} {
		for _, c := range []struct{ good, bad string }{
			{"\u03ba\u1f79\u03c3\u03bc\u03b5\xf4", "\x90"}, {"ok\xed", "\xa0"}, {"\xe0", "\x80"}, {"", "\x80"}, {"x\xc3", "("}, {strings.Repeat("é", 500), "\xff"},
		} {
			// In fragments: nothing is wrong, with pings between them, before the bad byte comes.
			r := s.dial(join(frame(0x01, c.good), frame(ping, "\xff")), deflate)
			r.expect(pong, "\xff")
			r.send(frame(0x00, ""))
			r.send(frame(0x00, c.bad))
			r.expectClose(1007)
			r = s.dial(frame(0x01, c.good+c.bad), deflate)
			r.expectClose(1007)
			// In a frame that is not complete.
			whole := frame(text, c.good+c.bad+"and more")
			r = s.dial(whole[:len(whole)-len("and more")], deflate)
			r.expectClose(1007)
		}
	}
	r := s.dial(join(frame(0x02, "\xff"), frame(0x80, "\xfe"))) // binary is free
	r.expect(binaryFrame, "\xff\xfe")
}

func TestCloseEchoesThePeersCode(t *testing.T) {
	s := serve(t, ws.Options{})
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		r := s.dial(join(closeFrame(code, strings.Repeat("r", 123)), frame(text, "behind the close")))
		r.expectClose(code)
		if e := s.end(); e.Code != code || !e.Remote || e.Reason != strings.Repeat("r", 123) {
			t.Errorf("ended with %+v", e)
		}
	}
	r := s.dial(frame(closing, ""))
	r.expectClose(0)
	if e := s.end(); e.Code != ws.StatusNone || !e.Remote {
		t.Errorf("ended with %+v", e)
	}
	if seen := s.messages(); len(seen) != 0 {
		t.Errorf("the handler saw %q", seen)
	}
}

func TestMessageOverTheLimit(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Message: 1000}})
	for name, bytes := range map[string][]byte{
		"one frame":          frame(text, strings.Repeat("x", 1001)),
		"a header of 2^40":   append(header(text, 1<<40), 1, 2, 3, 4),
		"half a header":      header(text, 1<<40)[:10],
		"fragments":          join(frame(0x01, strings.Repeat("x", 600)), frame(0x00, strings.Repeat("x", 401))),
		"a fragment of 2^40": join(frame(0x01, "x"), append(header(0x80, 1<<40), 1, 2, 3, 4)),
	} {
		t.Run(name, func(t *testing.T) {
			if name == "half a header" {
				bytes = append(bytes, 0, 0, 0, 0) // the key
			}
			r := s.dial(bytes)
			r.expectClose(1009)
			if e := s.end(); e.Code != 1009 {
				t.Errorf("ended with %+v", e)
			}
		})
	}
	r := s.dial(join(frame(0x01, strings.Repeat("x", 999)), frame(ping, ""), frame(0x80, "x")))
	r.expect(pong, "")
	r.expect(text, strings.Repeat("x", 1000-1)+"x")
}

// TestCloseFrameSurvivesUnreadData fails when the socket is closed with data in it: the reset destroys the close frame.
func TestCloseFrameSurvivesUnreadData(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Message: 1000}})
	r := s.dial(nil)
	go func() { _, _ = r.Write(frame(text, strings.Repeat("x", 4<<20))) }()
	time.Sleep(50 * time.Millisecond)
	r.expectClose(1009)
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]ws.Options{
		"pong as long as ping": {Limits: ws.Limits{Ping: time.Second, Pong: time.Second}},
		"pong longer":          {Limits: ws.Limits{Pong: time.Minute}},
		"message":              {Limits: ws.Limits{Message: -1}},
		"huge message":         {Limits: ws.Limits{Message: 1 << 31}},
		"queue":                {Limits: ws.Limits{Queue: -1}},
		"level":                {Level: 10},
		"subprotocol":          {Subprotocols: []string{"a b"}},
	} {
		if _, err := ws.NewUpgrader(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
