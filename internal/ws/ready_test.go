package ws_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/internal/ws"
)

// later handles each message on another goroutine.
type later struct {
	*echo
	begun chan struct{}
	goOn  chan struct{}
	done  chan struct{}
}

func (l *later) Message(c *ws.Conn, op ws.Opcode, data []byte) (done bool) {
	go func() {
		l.begun <- struct{}{}
		<-l.goOn
		_ = c.Write(op, data)
		c.Flush()
		l.done <- struct{}{}
	}()
	return false
}

func (l *later) Wait(*ws.Conn) { <-l.done }

// TestArrivalWhileHandling fails when a message is noticed only at the next arrival that came while the one before it was
// being handled.
func TestArrivalWhileHandling(t *testing.T) {
	s := serve(t, ws.Options{})
	l := &later{s.echo, make(chan struct{}), make(chan struct{}), make(chan struct{})}
	s.handler = l
	for _, size := range []int{5, 50000, 100000} {
		message := strings.Repeat("x", size)
		r := s.dial(nil)
		r.send(frame(text, message))
		for range 20 {
			<-l.begun
			r.send(frame(text, message))
			l.goOn <- struct{}{}
			r.expect(text, message)
		}
		<-l.begun
		l.goOn <- struct{}{}
		r.expect(text, message)
		r.send(closeFrame(1000, ""))
		r.expectClose(1000)
	}
}

// TestStreamsInPieces sends messages of all kinds and sizes, cut anywhere.
func TestStreamsInPieces(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Message: 4 << 20, Queue: 64 << 20}})
	sizes := []int{0, 1, 30, 125, 126, 2000, 4082, 4083, 4096, 30000, 36860, 65535, 65536, 73714, 73715, 200000}
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 0))
		r := s.dial(nil)
		type answer struct {
			first   byte
			message string
		}
		var stream []byte
		var answers []answer
		for range 40 {
			message := strings.Repeat("x", sizes[random.IntN(len(sizes))])
			switch random.IntN(8) {
			case 0:
				message = message[:min(len(message), 125)]
				stream = append(stream, frame(0x89, message)...)
				answers = append(answers, answer{0x8a, message})
				continue
			case 1:
				stream = append(stream, fragments(text, message, 1+random.IntN(len(message)+1))...)
			default:
				stream = append(stream, frame(text, message)...)
			}
			answers = append(answers, answer{text, message})
		}
		go func() {
			for len(stream) > 0 {
				n := min(1+random.IntN([]int{20, 5000, 100000}[random.IntN(3)]), len(stream))
				if _, err := r.Write(stream[:n]); err != nil {
					return // the reader tells
				}
				if stream = stream[n:]; random.IntN(4) == 0 {
					time.Sleep(time.Millisecond) // so that it arrives as a piece; nothing is wrong if not
				}
			}
		}()
		for _, a := range answers {
			r.expect(a.first, a.message)
		}
	}
}

// TestAnswersBeforeABegunMessage fails when answers wait for the rest of a message that has only begun.
func TestAnswersBeforeABegunMessage(t *testing.T) {
	s := serve(t, ws.Options{})
	for _, size := range []int{1000, 30000, 60000, 100000} {
		r := s.dial(nil)
		message := strings.Repeat("x", size)
		whole := frame(text, message)
		r.send(join(frame(text, "before"), whole[:20]))
		r.expect(text, "before")
		r.send(whole[20:])
		r.expect(text, message)
	}
}

// TestBreachBehindFragments fails when a violation in the same packet as a fragmented message goes unnoticed.
func TestBreachBehindFragments(t *testing.T) {
	s := serve(t, ws.Options{})
	r := s.dial(nil)
	r.send(join(fragments(text, "message", 3), frame(0xf1, "x")))
	r.expect(text, "message")
	r.closeFrame(1002)
}

// TestSilentPeer fails when a connection over TCP isn't dropped whose peer answers no ping.
func TestSilentPeer(t *testing.T) {
	s := serve(t, ws.Options{Limits: ws.Limits{Ping: 50 * time.Millisecond, Pong: 25 * time.Millisecond}})
	r := s.dial(nil)
	r.send(frame(text, "x"))
	if end := s.end(); end.Err != ws.ErrNoPong {
		t.Errorf("ended with %+v", end)
	}
}

// TestCloseSoonWhileWaiting fails when an idle connection over TCP doesn't take leave at once.
func TestCloseSoonWhileWaiting(t *testing.T) {
	s := serve(t, ws.Options{})
	r := s.dial(nil)
	conn := <-s.echo.conns
	r.send(frame(text, "x"))
	r.expect(text, "x")
	conn.CloseSoon()
	r.answerClose(1001)
}
