package lib

import (
	"bufio"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/internal/number"
)

// stream is a buffered file, as C's FILE: reading and writing share one position, and may take turns.
// The lock is for the standard streams, which all states share.
type stream struct {
	mu      sync.Mutex
	raw     any           // has those methods of io.Reader, io.Writer, io.Seeker and io.Closer that serve it
	in      *bufio.Reader // nil when it can't be read
	out     *bufio.Writer // nil when it can't be written
	flushes flushing
}

// flushing says when what was written goes out.
type flushing uint8

const (
	whenFull flushing = iota
	atLineEnd
	always
)

const streamBuffer = 16 << 10

func newStream(raw any, readable, writable bool) *stream {
	s := &stream{raw: raw}
	if readable {
		s.in = bufio.NewReaderSize(raw.(io.Reader), streamBuffer)
	}
	if writable {
		s.out = bufio.NewWriterSize(raw.(io.Writer), streamBuffer)
	}
	return s
}

// errDirection is the error of reading what is open for writing only, and of the other way round: C's EBADF.
var errDirection = os.ErrClosed

// Writing.

func (s *stream) write(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out == nil {
		return errDirection
	}
	if err := s.dropInput(); err != nil {
		return err
	}
	_, err := s.out.WriteString(text)
	if s.flushes == always || s.flushes == atLineEnd && strings.Contains(text, "\n") {
		err = s.out.Flush()
	}
	return s.recover(err)
}

// dropInput puts the file's position back from the end of what is buffered to where reading has come.
func (s *stream) dropInput() error {
	if s.in == nil || s.in.Buffered() == 0 {
		return nil
	}
	seeker, ok := s.raw.(io.Seeker)
	if !ok {
		return nil
	}
	if _, err := seeker.Seek(-int64(s.in.Buffered()), io.SeekCurrent); err != nil {
		return err
	}
	s.in.Reset(s.raw.(io.Reader))
	return nil
}

// recover lets the buffer serve again after an error.
func (s *stream) recover(err error) error {
	if err != nil {
		s.out.Reset(s.raw.(io.Writer))
	}
	return err
}

func (s *stream) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flushOutput()
}

func (s *stream) flushOutput() error {
	if s.out == nil || s.out.Buffered() == 0 {
		return nil
	}
	return s.recover(s.out.Flush())
}

// setBuffer is C's setvbuf; size is in bytes, 0 for the usual one.
func (s *stream) setBuffer(f flushing, size int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.flushOutput()
	s.flushes = f
	if s.out != nil && f != always && size > 0 {
		s.out = bufio.NewWriterSize(s.raw.(io.Writer), min(size, 1<<20))
	}
	return err
}

// forProcess returns what another process may write to: the file itself, or a writer that takes turns with the stream's.
func (s *stream) forProcess() io.Writer {
	if f, ok := s.raw.(*os.File); ok {
		return f
	}
	return processOutput{s}
}

type processOutput struct{ *stream }

func (o processOutput) Write(b []byte) (int, error) {
	err := o.write(string(b))
	if err == nil {
		err = o.flush()
	}
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

// seek moves the position as C's fseek does, and returns it, in bytes from the start.
func (s *stream) seek(offset int64, whence int) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.flushOutput(); err != nil {
		return 0, err
	}
	seeker, ok := s.raw.(io.Seeker)
	if !ok {
		return 0, syscall.ESPIPE
	}
	if whence == io.SeekCurrent && s.in != nil {
		if offset == 0 {
			end, err := seeker.Seek(0, io.SeekCurrent)
			return end - int64(s.in.Buffered()), err
		}
		offset -= int64(s.in.Buffered())
	}
	position, err := seeker.Seek(offset, whence)
	if err == nil && s.in != nil {
		s.in.Reset(s.raw.(io.Reader))
	}
	return position, err
}

func (s *stream) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.flushOutput()
	if closer, ok := s.raw.(io.Closer); ok {
		err = errors.Join(err, closer.Close())
	}
	return err
}

// Reading. What the functions return is in the form of what read gives to Lua: a string, a number, or nil at the end.

// beginRead lets what was written be seen by the reader.
func (s *stream) beginRead() error {
	if s.in == nil {
		return errDirection
	}
	return s.flushOutput()
}

// readLine reads up to the end of a line, which keepEnd leaves at the end of the result.
func (s *stream) readLine(state *vm.State, keepEnd bool) (vm.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.beginRead(); err != nil {
		return vm.Nil(), err
	}
	line, err := s.in.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		line, err = s.readLongLine(state, line)
	}
	if err != nil && (err != io.EOF || len(line) == 0) {
		return vm.Nil(), notEOF(err)
	}
	if err == nil && !keepEnd {
		line = line[:len(line)-1]
	}
	if err := reserve(state, len(line)); err != nil {
		return vm.Nil(), err
	}
	return vm.Bytes(line), nil
}

func (s *stream) readLongLine(state *vm.State, start []byte) ([]byte, error) {
	line := textBuffer{state: state}
	piece, err := start, bufio.ErrBufferFull
	for {
		if err := line.makeRoom(len(piece)); err != nil {
			return nil, err
		}
		line.bytes = append(line.bytes, piece...)
		if err != bufio.ErrBufferFull {
			return line.bytes, err
		}
		piece, err = s.in.ReadSlice('\n')
	}
}

func notEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// readChars reads up to n bytes. For 0 it tells by "" that the end has not come.
func (s *stream) readChars(state *vm.State, n int) (vm.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.beginRead(); err != nil {
		return vm.Nil(), err
	}
	if n <= 0 {
		if _, err := s.in.Peek(1); err != nil {
			return vm.Nil(), notEOF(err)
		}
		return vm.String(""), nil
	}
	if n <= s.in.Buffered() {
		chars, _ := s.in.Peek(n)
		v := state.NewString(string(chars))
		_, err := s.in.Discard(n)
		return v, err
	}
	text, err := readAll(state, io.LimitReader(s.in, int64(n)), min(n, 1<<20))
	if err != nil || text == "" {
		return vm.Nil(), err
	}
	return vm.String(text), nil
}

// readAll reads to the end.
func (s *stream) readAll(state *vm.State) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.beginRead(); err != nil {
		return "", err
	}
	return readAll(state, s.in, s.rest())
}

// rest guesses how many bytes there are to read.
func (s *stream) rest() int {
	f, ok := s.raw.(*os.File)
	if !ok {
		return 0
	}
	position, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0
	}
	return max(0, sizeOf(f)-int(position)) + s.in.Buffered()
}

// readNumber reads a number as C's scanf does, with its way of taking what can only begin one: of "0xg" it takes "0x".
func (s *stream) readNumber(state *vm.State) (vm.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.beginRead(); err != nil {
		return vm.Nil(), err
	}
	n := numeral{in: s.in, text: textBuffer{state: state}}
	return n.read()
}

// numeral reads one number, byte by byte.
type numeral struct {
	in   *bufio.Reader
	text textBuffer
	c    byte // the next byte, 0 at the end or after an error
	err  error
}

func (n *numeral) read() (vm.Value, error) {
	n.next()
	for n.c == ' ' || n.c >= '\t' && n.c <= '\r' {
		n.next()
	}
	negative := n.c == '-'
	if n.c == '-' || n.c == '+' {
		n.next()
	}
	var f float64
	var ok bool
	switch n.c | 0x20 {
	case 'n':
		f, ok = math.NaN(), n.word("nan")
	case 'i':
		f, ok = math.Inf(1), n.word("inf") && (n.c|0x20 != 'i' || n.word("inity"))
	default:
		f, ok = n.digits()
	}
	if n.err == nil {
		n.err = n.in.UnreadByte()
	}
	if err := notEOF(n.err); err != nil || !ok {
		return vm.Nil(), err
	}
	if negative {
		f = -f
	}
	return vm.Number(f), nil
}

func (n *numeral) next() {
	if n.c, n.err = n.in.ReadByte(); n.err != nil {
		n.c = 0
	}
}

func (n *numeral) take() {
	if n.err = n.text.appendByte(n.c); n.err != nil {
		n.c = 0
		return
	}
	n.next()
}

// word takes a word, or as much of it as is there.
func (n *numeral) word(w string) bool {
	for i := 0; i < len(w); i++ {
		if n.c|0x20 != w[i] {
			return false
		}
		n.next()
	}
	return true
}

// digits takes a numeral without its sign.
func (n *numeral) digits() (float64, bool) {
	isDigit, exponent := isDecimal, byte('e')
	if n.c == '0' {
		if n.take(); n.c|0x20 == 'x' {
			n.take()
			isDigit, exponent = isHex, 'p'
		}
	}
	point, mantissa := false, len(n.text.bytes) == 1
	for {
		switch {
		case isDigit(n.c):
			mantissa = true
		case n.c == '.' && !point:
			point = true
		case n.c|0x20 == exponent && mantissa:
			return n.exponent()
		default:
			return n.parse()
		}
		n.take()
	}
}

// exponent takes an exponent; one without digits counts for nothing.
func (n *numeral) exponent() (float64, bool) {
	end := len(n.text.bytes)
	n.take()
	if n.c == '+' || n.c == '-' {
		n.take()
	}
	for isDecimal(n.c) {
		end = 0
		n.take()
	}
	if end > 0 {
		n.text.bytes = n.text.bytes[:end]
	}
	return n.parse()
}

func (n *numeral) parse() (float64, bool) { return number.Parse(string(n.text.bytes)) }

func isDecimal(c byte) bool { return c-'0' <= 9 }

func isHex(c byte) bool { return isDecimal(c) || c|0x20-'a' <= 5 }
