package ws

import "unicode/utf8"

// errEncoded is what is wrong with text that is not UTF-8.
const errEncoded = "text is not UTF-8"

// encoding follows the text of a message as its bytes come, and finds the first that can't be UTF-8.
type encoding struct {
	rest [utf8.UTFMax]byte // the beginning of a character
	have int
}

// follow judges more bytes of the text, which begin at an offset of a frame that is masked with key, or isn't (nil).
func (e *encoding) follow(p, key []byte, offset int) bool {
	var buffer [512]byte
	for len(p) > 0 {
		have := copy(buffer[:], e.rest[:e.have])
		n := copy(buffer[have:], p)
		if key != nil {
			for i := range n {
				buffer[have+i] ^= key[(offset+i)&3]
			}
		}
		p, offset = p[n:], offset+n
		text := buffer[:have+n]
		whole := len(text) - incomplete(text)
		if !utf8.Valid(text[:whole]) {
			return false
		}
		e.have = copy(e.rest[:], text[whole:])
	}
	return true
}

// incomplete returns how many bytes at the end of text begin a character that may go on.
func incomplete(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}
