package ws

import (
	"testing"
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
		good, violation := whole.scan(stream)
		if violation == nil && good != len(stream) {
			t.Fatalf("%d of %d bytes are good, and nothing is wrong", good, len(stream))
		}
		parts := checker{limit: 1000, masked: true, deflate: deflate}
		passed := 0
		var found *Violation
		for rest := stream; len(rest) > 0 && found == nil; {
			n := min(int(step)%16+1, len(rest))
			var ok int
			ok, found = parts.scan(rest[:n])
			passed += ok
			rest = rest[n:]
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

func FuzzOffer(f *testing.F) {
	f.Add("permessage-deflate; client_max_window_bits, permessage-deflate; server_max_window_bits=9")
	f.Add(`permessage-deflate; server_max_window_bits="15"; ;;=`)
	f.Fuzz(func(t *testing.T, header string) {
		if window := negotiate([]string{header}); window != 0 && (window < 8 || window > 15) {
			t.Errorf("a window of %d bits", window)
		}
	})
}
