package ws

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"sync/atomic"
)

// Close tells how a connection ended.
type Close struct {
	Code   Status // StatusNone, StatusLost, or what was sent or received
	Reason string
	Remote bool  // the peer's close frame came first
	Err    error // what went wrong, nil for a close in good order
}

// transport is the net.Conn that gws works on. Reading, it checks frames before gws sees them. Writing, it replaces
// gws's close frames, which carry codes and texts of its own.
type transport struct {
	net.Conn // the wire, or TLS over it
	wire     *wire
	conn     *Conn
	direct   direct
	early    []byte // is to be read first: what came behind the handshake's header, or behind what was read last
	checker  checker
	client   bool
	upgraded bool        // frames are written, no longer the handshake
	waiting  atomic.Bool // in Read, for the peer
	reads    atomic.Uint32
	verdict  atomic.Pointer[Close] // why we close
	closed   atomic.Bool           // gws has closed it
	response *responseEnd          // of a client's handshake, until its header has come
	breach   *Violation            // follows the bytes that were read last
}

var errClosing = errors.New("websocket: connection is closing")

// Read implements net.Conn.
func (t *transport) Read(p []byte) (int, error) {
	if t.upgraded {
		t.wire.uncork()
	}
	if v := t.verdict.Load(); v != nil {
		return 0, errClosing
	}
	if t.breach != nil {
		return 0, t.convict(t.breach)
	}
	n, err := t.receive(p)
	if n == 0 || !t.upgraded && t.response == nil {
		return n, err
	}
	frames := p[:n]
	if t.response != nil {
		skip, done, err := t.response.scan(frames)
		if err != nil {
			return 0, err
		}
		if !done {
			return n, nil
		}
		frames = frames[skip:]
		t.response = nil
	}
	good, violation := t.checker.scan(frames)
	if violation != nil {
		if good += n - len(frames); good == 0 {
			return 0, t.convict(violation)
		}
		t.breach = violation // what came before it is handled first
		return good, nil
	}
	if rest := frames[good:]; len(rest) > 0 {
		t.early = append(append([]byte(nil), rest...), t.early...)
		n -= len(rest)
	}
	return n, err
}

func (t *transport) convict(v *Violation) error {
	t.verdict.CompareAndSwap(nil, &Close{Code: v.Code, Reason: v.Reason, Err: v})
	return v
}

func (t *transport) receive(p []byte) (int, error) {
	if len(t.early) > 0 {
		n := copy(p, t.early)
		if t.early = t.early[n:]; len(t.early) == 0 {
			t.early = nil
		}
		return n, nil
	}
	t.await()
	n, err := t.Conn.Read(p)
	t.waiting.Store(false)
	t.reads.Add(1)
	return n, err
}

// await is called before waiting for the peer.
func (t *transport) await() {
	t.waiting.Store(true)
	if t.conn.lame.Load() {
		t.conn.Close(StatusGoingAway, goingAway)
	}
}

// Write implements net.Conn. gws writes each frame with one call.
func (t *transport) Write(p []byte) (int, error) {
	if !t.upgraded || p[0]&0x0f != 8 {
		return t.Conn.Write(p)
	}
	if end := t.decide(t.gwsClose(p)); end.Code != StatusLost {
		if _, err := t.Conn.Write(encodeClose(end, t.client)); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// Close implements net.Conn. gws calls it behind its close frame; Conn goes on from there, so that what is queued
// still gets to the peer.
func (t *transport) Close() error {
	if !t.upgraded {
		return t.Conn.Close()
	}
	if t.closed.CompareAndSwap(false, true) {
		t.wire.uncork()
		t.conn.startClosing()
	}
	return nil
}

// gwsClose decodes gws's close frame.
func (t *transport) gwsClose(p []byte) *Close {
	payload := append([]byte(nil), p[2:]...)
	if t.client && len(payload) >= 4 {
		key := payload[:4]
		payload = payload[4:]
		for i := range payload {
			payload[i] ^= key[i&3]
		}
	}
	return decodeClose(payload)
}

// decide says how the connection ends, and keeps that as the verdict.
func (t *transport) decide(by *Close) *Close {
	if v := t.verdict.Load(); v != nil {
		return v
	}
	end := by
	if peer := t.checker.received; peer != nil {
		end = answer(peer)
	} else {
		end = repair(by)
	}
	t.verdict.CompareAndSwap(nil, end)
	return t.verdict.Load()
}

// answer echoes the peer's code (section 5.5.1), unless its close frame is wrong.
func answer(peer *Close) *Close {
	end := &Close{Code: peer.Code, Reason: peer.Reason, Remote: true, Err: peer.Err}
	switch {
	case peer.Err == nil:
	case peer.Err == errCloseReason:
		end.Code, end.Reason = StatusData, peer.Err.Error()
	default:
		end.Code, end.Reason = StatusProtocol, peer.Err.Error()
	}
	return end
}

// repair puts right what gws says when it closes by itself.
func repair(by *Close) *Close {
	end := &Close{Code: by.Code, Reason: "protocol error"}
	switch by.Code {
	case StatusInternal: // inflating failed
		if end.Code, end.Reason = StatusData, "compressed data is damaged"; by.Reason == gwsTooLarge {
			end.Code, end.Reason = StatusTooBig, "message too big"
		}
	case StatusTooBig:
		end.Reason = "message too big"
	case StatusData:
		end.Reason = errEncoded
	case StatusProtocol:
	default:
		return &Close{Code: StatusLost, Reason: "connection lost", Err: ErrLost}
	}
	end.Err = &Violation{end.Code, end.Reason}
	return end
}

// gwsTooLarge is gws's text for a message over the limit.
const gwsTooLarge = "gws: message too large"

// encodeClose makes a close frame; masked as a client must.
func encodeClose(end *Close, masked bool) []byte {
	payload := make([]byte, 0, 2+len(end.Reason))
	if end.Code != StatusNone && end.Code != StatusLost {
		payload = binary.BigEndian.AppendUint16(payload, uint16(end.Code))
		if !end.Remote || end.Err != nil {
			payload = append(payload, truncate(end.Reason, maxControlPayload-2)...)
		}
	}
	frame := append(make([]byte, 0, 6+len(payload)), 0x88, byte(len(payload)))
	if !masked {
		return append(frame, payload...)
	}
	frame[1] |= 0x80
	frame = binary.BigEndian.AppendUint32(frame, rand.Uint32())
	for i := range payload {
		payload[i] ^= frame[2+i&3]
	}
	return append(frame, payload...)
}

// truncate cuts text to n bytes at most, between characters.
func truncate(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xc0 == 0x80 {
		n--
	}
	return text[:n]
}

// discard reads until the peer closes, or the deadline that startClosing has set; at most maxDiscard bytes.
func (t *transport) discard() {
	b := getBuffer(keptBuffer)
	defer putBuffer(b)
	for left := maxDiscard; left > 0; {
		n, err := t.Conn.Read(b[:keptBuffer])
		if err != nil {
			return
		}
		left -= n
	}
}

const maxDiscard = 64 << 20
