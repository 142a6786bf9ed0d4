package pattern

import "strings"

const (
	// maxDepth is the number of repetitions and captures a match can be inside
	// of, as many as C Lua's matcher recurses (MAXCCALLS).
	maxDepth = 200
	// Up to this depth the items up to the next byte, captures at most, can't
	// exceed maxDepth. Beyond it follow sets are not looked at, so that "pattern
	// too complex" comes exactly when C Lua reports it.
	safeDepth = maxDepth - 2*MaxCaptures - 1
)

// choice is a repetition that can be taken up again where it ends elsewhere.
type choice struct {
	item  int32
	depth int32
	s     int // the end tried last; for opOptional, the start
	lo    int // the least end of a greedy repetition
}

// run matches the program at s and returns where the match ends, -1 if it fails.
func (m *Matcher) run(s int) (end int, err error) {
	src, prog := m.src, m.prog
	items := prog.items
	stack := m.stack[:0]
	steps := *m.budget - 1
	depth, pc := 0, 0
	end = -1

match:
	for {
		if depth == maxDepth {
			err = ErrTooComplex
			break
		}
		if steps < 0 {
			if steps, err = m.refill(steps); err != nil {
				break
			}
		}
		it := &items[pc]
		switch it.op {
		case opByte:
			if uint(s) < uint(len(src)) && src[s] == it.c {
				s++
				pc++
				continue
			}

		case opText:
			text := prog.pat[it.lo:it.hi]
			steps -= int64(len(text)) >> 5
			if len(src)-s >= len(text) && src[s:s+len(text)] == text {
				s += len(text)
				pc++
				continue
			}

		case opAny:
			if s < len(src) {
				s++
				pc++
				continue
			}

		case opSet:
			if uint(s) < uint(len(src)) && it.set.has(src[s]) {
				s++
				pc++
				continue
			}

		case opOptional:
			if uint(s) < uint(len(src)) && it.set.has(src[s]) {
				if !it.final {
					stack = append(stack, choice{item: int32(pc), depth: int32(depth), s: s})
				}
				depth++
				s++
			}
			pc++
			continue

		case opStar, opPlus:
			last := s
			switch it.scan {
			case scanSet:
				for uint(last) < uint(len(src)) && it.set.has(src[last]) {
					last++
				}
			case scanAll:
				last = len(src)
			default:
				if n := strings.IndexByte(src[s:], it.c); n >= 0 {
					last += n
				} else {
					last = len(src)
				}
			}
			if last == s {
				if it.op == opPlus {
					break // it fails
				}
				pc++
				continue
			}
			depth++
			steps -= int64(last-s) >> 2
			if it.final {
				s = last
				pc++
				continue
			}
			lo := s
			if it.op == opPlus {
				lo++
			}
			s = it.retreat(src, last, lo, depth)
			steps -= int64(last-s) >> 2
			if s < lo {
				break // it fails
			}
			if s > lo {
				stack = append(stack, choice{int32(pc), int32(depth), s, lo})
			}
			pc++
			continue

		case opLazy:
			if uint(s) < uint(len(src)) && it.set.has(src[s]) {
				depth++
				if !it.sure {
					next, ok := it.advance(src, s, depth)
					steps -= int64(next-s) >> 2
					if !ok {
						break // it fails
					}
					s = next
					stack = append(stack, choice{item: int32(pc), depth: int32(depth), s: s})
				}
			}
			pc++
			continue

		case opOpen, opPosition:
			depth++
			m.captures[it.lo&(MaxCaptures-1)].start = s
			pc++
			continue

		case opClose:
			depth++
			m.captures[it.lo&(MaxCaptures-1)].end = s
			pc++
			continue

		case opTail:
			if s == len(src) {
				pc++
				continue
			}

		case opBalance:
			next, ok := it.balanced(src, s)
			steps -= int64(next-s) >> 2
			if ok {
				s = next
				pc++
				continue
			}

		case opFrontier:
			if it.frontier(src, s) {
				pc++
				continue
			}

		case opReference:
			n := it.lo & (MaxCaptures - 1)
			if prog.kinds[n] != kindClosed {
				break // a position capture matches nothing, not even the empty text
			}
			text := src[m.captures[n].start:m.captures[n].end]
			steps -= int64(len(text)) >> 5
			if strings.HasPrefix(src[s:], text) {
				s += len(text)
				pc++
				continue
			}

		case opEnd:
			end = s
			break match

		default:
			err = prog.err
			break match
		}

		// The path fails. Go on with the newest choice that has another end.
		for {
			n := len(stack) - 1
			if n < 0 {
				break match
			}
			c := &stack[n]
			steps -= int64(pc) - int64(c.item)
			if steps < 0 {
				if steps, err = m.refill(steps); err != nil {
					break match
				}
			}
			pc, depth, s = int(c.item), int(c.depth), c.s
			switch it := &items[pc]; it.op {
			case opOptional:
				stack = stack[:n]
			case opLazy:
				if uint(s) >= uint(len(src)) || !it.set.has(src[s]) {
					stack = stack[:n]
					continue
				}
				next, ok := it.advance(src, s+1, depth)
				steps -= int64(next-s) >> 2
				if !ok {
					stack = stack[:n]
					continue
				}
				c.s, s = next, next
			default:
				s = it.retreat(src, s-1, c.lo, depth)
				steps -= int64(c.s-s) >> 2
				if s < c.lo {
					stack = stack[:n]
					continue
				}
				if s > c.lo {
					c.s = s
				} else {
					stack = stack[:n]
				}
			}
			pc++
			continue match
		}
	}

	m.stack = stack
	*m.budget = steps - int64(pc)
	if err == nil {
		err = m.checkpoint()
	}
	return end, err
}

// refill is called when steps, the budget that run works with, is below zero.
func (m *Matcher) refill(steps int64) (int64, error) {
	*m.budget = steps
	err := m.checkpoint()
	return *m.budget, err
}

// retreat returns the last place from s down to lo where what follows the item
// may match, less than lo if there is none.
func (it *item) retreat(src string, s, lo, depth int) int {
	if it.follow == nil || depth > safeDepth {
		return s
	}
	if s == len(src) {
		if it.followEnd {
			return s
		}
		s--
	}
	for s >= lo && uint(s) < uint(len(src)) && !it.follow.has(src[s]) {
		s--
	}
	return s
}

// advance goes from s to the first place where what follows the item may match,
// passing only bytes of its set. If there is none it returns where it stopped.
func (it *item) advance(src string, s, depth int) (next int, ok bool) {
	if it.follow == nil || depth > safeDepth {
		return s, true
	}
	if it.seek {
		if n := strings.IndexByte(src[s:], it.d); n >= 0 {
			return s + n, true
		}
		return len(src), false
	}
	for uint(s) < uint(len(src)) {
		switch c := src[s]; {
		case it.follow.has(c):
			return s, true
		case !it.set.has(c):
			return s, false
		}
		s++
	}
	return s, it.followEnd
}

// balanced goes from s to the end of the text that starts with c and is balanced
// in c and d. If there is none it returns where it stopped.
func (it *item) balanced(src string, s int) (next int, ok bool) {
	if s >= len(src) || src[s] != it.c {
		return s, false
	}
	open := 1
	for s++; s < len(src); s++ {
		switch src[s] {
		case it.d: // first: c and d may be the same
			if open--; open == 0 {
				return s + 1, true
			}
		case it.c:
			open++
		}
	}
	return s, false
}

// frontier takes what is before and after the subject for a zero byte.
func (it *item) frontier(src string, s int) bool {
	var before, after byte
	if s > 0 {
		before = src[s-1]
	}
	if s < len(src) {
		after = src[s]
	}
	return !it.set.has(before) && it.set.has(after)
}
