package ws

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Status is a close code (RFC 6455, section 7.4.1).
type Status = int

const (
	StatusNormal      Status = 1000
	StatusGoingAway   Status = 1001
	StatusProtocol    Status = 1002
	StatusNone        Status = 1005 // the close frame had no code; never sent
	StatusLost        Status = 1006 // there was no close frame; never sent
	StatusData        Status = 1007
	StatusPolicy      Status = 1008
	StatusTooBig      Status = 1009
	StatusInternal    Status = 1011
	StatusTryAgain    Status = 1013
	maxControlPayload        = 125
)

// ValidStatus tells whether a close frame may carry a code: those of section 7.4.1 and of IANA's registry up to 1014,
// and 3000 to 4999.
func ValidStatus(code Status) bool {
	return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999
}

// Violation is a breach of the protocol, or of a limit, by the peer.
type Violation struct {
	Code   Status
	Reason string
}

func (v *Violation) Error() string { return fmt.Sprintf("websocket: %s (%d)", v.Reason, v.Code) }

var errTruncatedClose = errors.New("a close frame of one byte")

// checker follows the bytes of a peer, frame by frame, without keeping them. It judges what gws takes for granted:
// reserved bits, also when compression was agreed on, sizes before anything is allocated for them, the shortest form
// of lengths, fragments. It keeps the payload of a close frame.
type checker struct {
	limit    int64
	masked   bool // frames must be masked: they come from a client
	deflate  bool
	inside   bool  // of a fragmented message
	size     int64 // of that message so far
	length   int64 // of the frame's payload
	left     int64 // bytes of it that are still to come
	have     int   // bytes of a header that is not complete
	header   [14]byte
	text     bool // the message is text, not compressed
	watched  bool // the frame is text whose encoding is judged as it comes
	encoding encoding
	closing  bool   // the frame is a close frame
	peer     []byte // its payload, still masked
	received *Close
}

// scan follows p. It returns how many bytes are good; less than all with the violation that follows them, or without when
// a close frame follows: that is for the next scan, when what came before it is handled.
func (c *checker) scan(p []byte) (int, *Violation) {
	pos := 0
	for pos < len(p) {
		if c.left > 0 {
			n := int(min(c.left, int64(len(p)-pos)))
			switch {
			case c.closing:
				c.peer = append(c.peer, p[pos:pos+n]...)
			case c.watched || int64(n) < c.left && c.watch():
				if !c.encoding.follow(p[pos:pos+n], c.key(), int(c.length-c.left)) {
					return pos, &Violation{StatusData, errEncoded}
				}
			}
			c.left -= int64(n)
			pos += n
			if c.left == 0 && c.closing {
				c.closed()
			}
			continue
		}
		if pos > 0 && p[pos]&0x0f == 8 { // pos is between frames: a header that is cut off ends the scan
			return pos, nil
		}
		n, complete := c.gather(p[pos:])
		if !complete {
			if v := c.early(); v != nil {
				return pos, v
			}
			return len(p), nil
		}
		if v := c.frame(); v != nil {
			return pos, v
		}
		pos += n
	}
	return pos, nil
}

// gather adds to the header. It returns how many bytes of p belong to it, and whether it is complete.
func (c *checker) gather(p []byte) (n int, complete bool) {
	before := c.have
	c.have += copy(c.header[c.have:], p)
	if c.have < 2 || c.have < c.headerSize() {
		return len(p), false
	}
	size := c.headerSize()
	c.have = 0
	return size - before, true
}

func (c *checker) headerSize() int {
	size := 2
	switch c.header[1] & 0x7f {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if c.header[1]&0x80 != 0 {
		size += 4
	}
	return size
}

// early judges the part of a header that is there.
func (c *checker) early() *Violation {
	if c.have >= 2 {
		return c.judge()
	}
	return nil
}

func protocolError(reason string) *Violation { return &Violation{StatusProtocol, reason} }

// judge looks at the first two bytes of a header.
func (c *checker) judge() *Violation {
	first, second := c.header[0], c.header[1]
	opcode := first & 0x0f
	final := first&0x80 != 0
	switch {
	case first&0x30 != 0,
		first&0x40 != 0 && (!c.deflate || opcode == 0 || opcode >= 8):
		return protocolError("reserved bit set")
	case c.masked && second&0x80 == 0:
		return protocolError("frame not masked")
	case !c.masked && second&0x80 != 0:
		return protocolError("frame masked by a server")
	case opcode > 2 && opcode < 8 || opcode > 10:
		return protocolError("unknown opcode")
	case opcode >= 8 && !final:
		return protocolError("control frame in fragments")
	case opcode >= 8 && second&0x7f > maxControlPayload:
		return protocolError("control frame too long")
	case opcode < 8 && (opcode == 0) != c.inside:
		return protocolError("fragment out of place")
	}
	return nil
}

// frame judges a complete header and begins with the payload.
func (c *checker) frame() *Violation {
	if v := c.judge(); v != nil {
		return v
	}
	opcode, final := c.header[0]&0x0f, c.header[0]&0x80 != 0
	length := uint64(c.header[1] & 0x7f)
	switch length {
	case 126:
		if length = uint64(binary.BigEndian.Uint16(c.header[2:])); length < 126 {
			return protocolError("length in a form too long")
		}
	case 127:
		length = binary.BigEndian.Uint64(c.header[2:])
		if length < 1<<16 || length >= 1<<63 {
			return protocolError("bad length")
		}
	}
	if opcode < 8 {
		if length > uint64(c.limit-c.size) {
			return &Violation{StatusTooBig, "message too big"}
		}
		c.size += int64(length)
		c.inside = !final
		if opcode != 0 {
			c.text, c.encoding = opcode == 1 && c.header[0]&0x40 == 0, encoding{}
		}
		if final {
			c.size = 0
		}
	}
	c.length, c.left = int64(length), int64(length)
	c.watched = c.text && (opcode == 0 || opcode == 1 && !final)
	c.closing = opcode == 8
	if c.closing {
		if c.peer = nil; c.left == 0 {
			c.closed()
		}
	}
	return nil
}

// message finds the message at the beginning of p, if it is one that scan would let pass: unfragmented and not compressed,
// of a client. It returns where its payload starts, and the size of its frame: 0 for anything else, and as much as is known
// to belong to it when the header is not complete.
func (c *checker) message(p []byte) (start, size int) {
	if !c.masked || c.inside || c.have > 0 || c.left > 0 || p[0] != 0x80|byte(Text) && p[0] != 0x80|byte(Binary) {
		return 0, 0
	}
	if len(p) < 2 {
		return 0, 2
	}
	least, length := uint64(0), uint64(p[1]&0x7f)
	switch start = 6; {
	case p[1] < 0x80:
		return 0, 0
	case length == 126:
		if start = 8; len(p) < start {
			return 0, start
		}
		least, length = 126, uint64(binary.BigEndian.Uint16(p[2:]))
	case length == 127:
		if start = 14; len(p) < start {
			return 0, start
		}
		least, length = 1<<16, binary.BigEndian.Uint64(p[2:])
	}
	if length < least || length > uint64(c.limit) {
		return 0, 0
	}
	return start, start + int(length)
}

// watchMost is the length of a frame up to which its text is judged as it comes when it is a whole message that comes in
// pieces. Long ones are judged when they are complete: that is cheaper.
const watchMost = readBuffer

// watch begins to judge the text of a frame that comes in pieces, with the first of them.
func (c *checker) watch() bool {
	c.watched = c.text && c.header[0]&0x0f == 1 && c.length <= watchMost
	return c.watched
}

// key is the frame's mask; nil without one.
func (c *checker) key() []byte {
	if c.header[1]&0x80 == 0 {
		return nil
	}
	return c.header[c.headerSize()-4 : c.headerSize()]
}

// closed decodes the payload of a close frame (section 5.5.1).
func (c *checker) closed() {
	c.closing = false
	if c.received != nil {
		return
	}
	if key := c.key(); key != nil {
		for i := range c.peer {
			c.peer[i] ^= key[i&3]
		}
	}
	c.received = decodeClose(c.peer)
	c.peer = nil
}

func decodeClose(payload []byte) *Close {
	switch {
	case len(payload) == 0:
		return &Close{Code: StatusNone}
	case len(payload) == 1:
		return &Close{Code: StatusNone, Err: errTruncatedClose}
	}
	code := Status(binary.BigEndian.Uint16(payload))
	end := &Close{Code: code, Reason: string(payload[2:])}
	switch {
	case !ValidStatus(code):
		end.Err = fmt.Errorf("bad close code %d", code)
	case !utf8.Valid(payload[2:]):
		end.Err = errCloseReason
	}
	return end
}

var errCloseReason = errors.New("close reason is not UTF-8")
