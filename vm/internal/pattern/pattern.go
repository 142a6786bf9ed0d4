// Package pattern matches Lua patterns (Lua 5.2 manual, section 6.4.1) on Go
// strings, without copying them.
//
// It behaves as C Lua 5.2 does, down to which malformed patterns are found out
// and when: a pattern is an error only if the match gets to the faulty item.
// It never recurses, and a step budget bounds what a pattern may cost.
package pattern

import (
	"errors"
	"math"
	"strings"
)

// MaxCaptures is the number of captures a pattern can have.
const MaxCaptures = 32

// ErrBudget is what a match returns when its step budget is used up.
var ErrBudget = errors.New("pattern matching ran out of its step budget")

// Errors in patterns and in the use of their captures, worded as C Lua 5.2 words
// them. An index that names no capture in a pattern is reported with its number.
var (
	ErrTooComplex      = errors.New("pattern too complex")
	ErrEndsWithPercent = errors.New("malformed pattern (ends with '%')")
	ErrMissingBracket  = errors.New("malformed pattern (missing ']')")
	ErrBalance         = errors.New("malformed pattern (missing arguments to '%b')")
	ErrFrontier        = errors.New("missing '[' after '%f' in pattern")
	ErrTooManyCaptures = errors.New("too many captures")
	ErrPatternCapture  = errors.New("invalid pattern capture")
	ErrCaptureIndex    = errors.New("invalid capture index")
	ErrUnfinished      = errors.New("unfinished capture")
	ErrReplacement     = errors.New("invalid use of '%' in replacement string")
)

// NoSpecials tells whether pat has no magic characters, so that string.find can
// search for it as it is.
func NoSpecials(pat string) bool {
	for i := range len(pat) {
		if magic[pat[i]] {
			return false
		}
	}
	return true
}

var magic = [256]bool{'^': true, '$': true, '*': true, '+': true, '?': true, '.': true, '(': true, '[': true, '%': true, '-': true}

// Anchor splits the '^' that anchors a pattern from the rest. string.find,
// string.match and string.gsub heed it; string.gmatch does not.
func Anchor(pat string) (rest string, anchored bool) {
	return strings.CutPrefix(pat, "^")
}

// Matcher matches one pattern on one subject at a time. The zero value is ready
// for Init. It keeps what it compiled and allocated for the next Init, so a
// match of a pattern used shortly before allocates nothing.
//
// A Matcher is for one goroutine at a time and must not be copied after Init.
// Code that runs between two matches (a callback of gsub, the body of a gmatch
// loop) and uses the same Matcher loses the first one's place: call Init again.
type Matcher struct {
	// Checkpoint, if set, is called when the budget is below zero. The match
	// goes on if it returns nil, having refilled the budget, and otherwise ends
	// with its error. It must not use the Matcher. Without it the match ends
	// with ErrBudget.
	Checkpoint func() error

	src        string
	prog       *program
	budget     *int64
	unlimited  int64 // what budget points to if the caller gives none
	start, end int   // of the last match
	captures   [MaxCaptures]span
	stack      []choice
	cache      cache
}

// span is the part of the subject that a capture holds. A position capture has
// only a start.
type span struct{ start, end int }

// Init prepares to match pat, a pattern without anchor, on src. Matching takes
// from budget about one step for each pattern item tried and for every four
// bytes that a repetition or a search passes: a step is up to a few nanoseconds.
// It may overdraw the budget by one pass over the subject. A nil budget has no
// limit.
func (m *Matcher) Init(src, pat string, budget *int64) {
	m.init(src, budget)
	m.prog = m.cache.get(pat, m.budget)
}

func (m *Matcher) init(src string, budget *int64) {
	if budget == nil {
		m.unlimited = math.MaxInt64
		budget = &m.unlimited
	}
	m.src, m.budget = src, budget
}

// Reset forgets the subject and the budget, so that they can be collected.
// Compiled patterns stay.
func (m *Matcher) Reset() {
	m.src, m.prog, m.budget = "", nil, nil
}

// Match matches the pattern at start exactly, from 0 to the subject's length,
// and returns where the match ends.
func (m *Matcher) Match(start int) (end int, ok bool, err error) {
	end, err = m.run(start)
	if end < 0 || err != nil {
		return 0, false, err
	}
	m.start, m.end = start, end
	return end, true, nil
}

// Search finds the first match that starts at from or later; from goes from 0 to
// the subject's length.
func (m *Matcher) Search(from int) (start, end int, ok bool, err error) {
	for start = from; start <= len(m.src); start++ {
		next := m.prog.candidate(m.src, start)
		*m.budget -= int64(next-start) >> 2
		if next > len(m.src) {
			return 0, 0, false, m.checkpoint()
		}
		start = next
		end, ok, err = m.Match(start)
		if ok || err != nil {
			return start, end, ok, err
		}
	}
	return 0, 0, false, nil
}

// Find does the work of string.find and string.match: it finds the first match
// of pat, which may be anchored, at from or later. If plain is set it looks for
// pat as it is, and there are no captures.
func (m *Matcher) Find(src, pat string, from int, plain bool, budget *int64) (start, end int, ok bool, err error) {
	if plain {
		m.init(src, budget)
		m.prog = noPattern
		return m.findPlain(pat, from)
	}
	pat, anchored := Anchor(pat)
	m.Init(src, pat, budget)
	if anchored {
		end, ok, err = m.Match(from)
		return from, end, ok, err
	}
	return m.Search(from)
}

// noPattern has no captures, and nothing else is asked of it.
var noPattern = new(program)

func (m *Matcher) findPlain(text string, from int) (start, end int, ok bool, err error) {
	i := strings.Index(m.src[from:], text)
	if i < 0 {
		*m.budget -= int64(len(m.src)-from) >> 2
		return 0, 0, false, m.checkpoint()
	}
	*m.budget -= int64(i) >> 2
	m.start, m.end = from+i, from+i+len(text)
	return m.start, m.end, true, m.checkpoint()
}

// checkpoint is nil while the budget lasts.
func (m *Matcher) checkpoint() error {
	switch {
	case *m.budget >= 0:
		return nil
	case m.Checkpoint != nil:
		return m.Checkpoint()
	}
	return ErrBudget
}

// NumCaptures is the number of captures that the pattern has.
func (m *Matcher) NumCaptures() int { return m.prog.captures }

// NumResults is the number of values that a match yields: its captures, or the
// whole match if the pattern has none.
func (m *Matcher) NumResults() int { return max(1, m.prog.captures) }

// Capture returns capture i of the last match that succeeded, counted from 0.
// Without captures in the pattern, capture 0 is the whole match. A position
// capture is the place before the byte at start; its value in Lua is start+1.
func (m *Matcher) Capture(i int) (start, end int, position bool, err error) {
	if i >= m.prog.captures {
		if i == 0 {
			return m.start, m.end, false, nil
		}
		return 0, 0, false, ErrCaptureIndex
	}
	c := m.captures[i]
	switch m.prog.kinds[i] {
	case kindOpen:
		return 0, 0, false, ErrUnfinished
	case kindPosition:
		return c.start, c.start, true, nil
	}
	return c.start, c.end, false, nil
}
