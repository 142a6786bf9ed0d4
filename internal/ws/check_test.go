package ws

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzChecker fails when the verdict on a stream depends on how the network cuts it, or memory on what a header claims.
func FuzzChecker(f *testing.F) {
	f.Add([]byte("\x81\x85\x00\x00\x00\x00hello\x89\x80\x00\x00\x00\x00\x88\x82\x00\x00\x00\x00\x03\xe8"), uint8(1), false)
	f.Add([]byte("\x01\x81\x00\x00\x00\x00a\x80\x81\x00\x00\x00\x00b"), uint8(3), false)
	f.Add([]byte("\xc1\x83abcd123\x00\x80\x00\x00\x00\x00"), uint8(2), true)
	f.Add([]byte("\x82\xff\x00\x00\x01\x00\x00\x00\x00\x00abcd"), uint8(5), false)
	f.Add([]byte("\x81\xfe\x00\x05abcd"), uint8(7), false)
	f.Add([]byte("\x88\x81abcd\x00"), uint8(1), false)
	f.Fuzz(func(t *testing.T, stream []byte, step uint8, deflate bool) {
		whole := checker{limit: 1000, masked: true, deflate: deflate}
		good, violation := scanAll(&whole, stream)
		if violation == nil && good != len(stream) {
			t.Fatalf("%d of %d bytes are good, and nothing is wrong", good, len(stream))
		}
		parts := checker{limit: 1000, masked: true, deflate: deflate}
		passed := 0
		var found *Violation
		for rest := stream; len(rest) > 0 && found == nil; {
			n := min(int(step)%16+1, len(rest))
			var ok int
			ok, found = scanAll(&parts, rest[:n])
			passed += ok
			rest = rest[n:]
		}
		if found != nil && found.Code == StatusData && violation != found {
			return // what isn't in parts is judged as a message
		}
		if (found == nil) != (violation == nil) || found != nil && *found != *violation {
			t.Fatalf("as a whole %v, in parts %v", violation, found)
		}
		// In parts, some of the bad frame's header may have been passed on.
		if passed < good || passed > good+13 {
			t.Fatalf("good: %d as a whole, %d in parts", good, passed)
		}
		if cap(whole.peer) > 256 {
			t.Fatalf("%d bytes are kept", cap(whole.peer))
		}
		a, b := whole.received, parts.received
		if (a == nil) != (b == nil) || a != nil && (a.Code != b.Code || a.Reason != b.Reason) {
			t.Fatalf("close frame: %+v as a whole, %+v in parts", a, b)
		}
	})
}

// scanAll goes on where scan stops in front of a close frame.
func scanAll(c *checker, p []byte) (good int, v *Violation) {
	for good < len(p) && v == nil {
		var n int
		if n, v = c.scan(p[good:]); n == 0 && v == nil {
			return good, nil
		}
		good += n
	}
	return good, v
}

// TestChecker tells the checker what comes, piece by piece. The last piece has what is wrong, if something is, and not all of
// the frame that it is in: what can be known is told at once.
func TestChecker(t *testing.T) {
	const key = "\x00\x00\x00\x00"
	for _, c := range []struct {
		name   string
		kind   string // of checker: "", "client", "deflate"
		pieces []string
		code   Status
	}{
		{"at the limit", "", []string{"\x82\x8a" + key + "0123456789"}, 0},
		{"over the limit", "", []string{"\x82\x8b" + key}, StatusTooBig},
		{"fragments at the limit", "", []string{"\x02\x84" + key + "0123\x00\x84" + key + "4567\x80\x82" + key + "89\x82\x8a" + key + "0123456789"}, 0},
		{"fragments over the limit", "", []string{"\x02\x84" + key + "0123\x00\x84" + key + "4567", "\x80\x83" + key}, StatusTooBig},
		{"a ping doesn't count", "", []string{"\x02\x88" + key + "01234567\x89\x84" + key + "ping\x80\x82" + key + "89"}, 0},
		{"16 bits over the limit", "", []string{"\x82", "\xfe", "\x00", "\x7e" + key}, StatusTooBig},
		{"64 bits over the limit", "", []string{"\x82\xff\x00\x00\x00\x00", "\x00\x01\x00\x00" + key}, StatusTooBig},
		{"a client's limit", "client", []string{"\x82\x0b"}, StatusTooBig},
		{"a server's masked frame", "client", []string{"\x82\x85"}, StatusProtocol},
		{"not masked", "", []string{"\x82\x05"}, StatusProtocol},
		{"an opcode", "", []string{"\x83", "\x85"}, StatusProtocol},
		{"a reserved bit", "", []string{"\xc1", "\x85"}, StatusProtocol},
		{"deflate's bit", "deflate", []string{"\xc1\x85" + key, "\xff\xff"}, 0},
		{"a fragment of nothing", "", []string{"\x80\x85"}, StatusProtocol},
		{"text in a message", "", []string{"\x01\x81" + key + "a", "\x81\x85"}, StatusProtocol},
		{"a ping in fragments", "", []string{"\x09\x85"}, StatusProtocol},
		{"a long ping", "", []string{"\x89\xfe"}, StatusProtocol},
		{"text in pieces", "", []string{"\x81\x85" + key, "\xf0", "\x9f\x99", "\x82a"}, 0},
		{"bad text in pieces", "", []string{"\x81\x85" + key, "a\xf0", "\x9fa"}, StatusData},
		{"masked text in pieces", "", []string{"\x81\x85\x01\x02\x03\x04" + "a", "b\xfa"}, StatusData},
		{"binary in pieces", "", []string{"\x82\x85" + key, "\xff", "\xff\xff"}, 0},
		{"a character over fragments", "", []string{"\x01\x82" + key + "a\xf0\x00\x81" + key + "\x9f\x80\x82" + key + "\x99\x82"}, 0},
		{"bad text over fragments", "", []string{"\x01\x82" + key + "a\xf0", "\x00\x85" + key, "("}, StatusData},
		{"a ping's pieces in text", "", []string{"\x01\x82" + key + "a\xf0", "\x89\x82" + key + "\xff", "\xff\x80\x83" + key + "\x9f\x99\x82"}, 0},
		{"binary behind text", "", []string{"\x81\x81" + key + "a\x02\x81" + key + "\xff", "\x80\x82" + key, "\xff"}, 0},
		{"compressed text in fragments", "deflate", []string{"\x41\x81" + key + "\xff", "\x80\x82" + key + "\xff\xff"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := checker{limit: 10, masked: c.kind != "client", deflate: c.kind == "deflate"}
			for i, piece := range c.pieces {
				want := 0
				if i == len(c.pieces)-1 {
					want = c.code
				}
				_, v := scanAll(&k, []byte(piece))
				if (v == nil) != (want == 0) || v != nil && v.Code != want {
					t.Fatalf("piece %d: %v, want %d", i, v, want)
				}
			}
		})
	}
}

// TestEncoding compares text that comes in pieces, masked, with what package utf8 says of all of it.
func TestEncoding(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "plain text ", "é", "€", "🙂", "\xc3", "\xe2\x82", "\xf0\x9f", "\x80", "\xff", "\xed\xa0\x80", "\xf4\x90\x80\x80", strings.Repeat("é", 300)}
	key := []byte{1, 2, 3, 4}
	valid := 0
	for range 20000 {
		var text []byte
		most := []int{5, len(parts)}[random.IntN(2)] // only good ones, or any
		for range random.IntN(6) {
			text = append(text, parts[random.IntN(most)]...)
		}
		masked := bytes.Clone(text)
		for i := range masked {
			masked[i] ^= key[i&3]
		}
		var e encoding
		good := true
		for at := 0; at < len(masked) && good; {
			n := 1 + random.IntN(len(masked)-at)
			good = e.follow(masked[at:at+n], key, at)
			at += n
		}
		if got := good && e.have == 0; got != utf8.Valid(text) {
			t.Fatalf("%q: %v", text, got)
		} else if got {
			valid++
		}
	}
	if valid < 1000 || valid > 19000 {
		t.Errorf("%d were valid", valid)
	}
}

func FuzzOffer(f *testing.F) {
	f.Add("permessage-deflate; client_max_window_bits, permessage-deflate; server_max_window_bits=9")
	f.Add(`permessage-deflate; server_max_window_bits="15"; ;;=`)
	f.Fuzz(func(t *testing.T, header string) {
		if window := negotiate([]string{header}); window != 0 && (window < 8 || window > 15) {
			t.Errorf("a window of %d bits", window)
		}
	})
}
