package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	// answerTime is how long an answer may take on a machine that is busy with the clients, too.
	answerTime = 30 * time.Second
	// comesAndGoes is one in how many clients leaves after some messages, and comes again.
	comesAndGoes = 10
)

// client talks to the server until ctx ends, over one connection or, if it is one that comes and goes, many.
func (r *run) client(ctx context.Context, number int) {
	random := rand.New(rand.NewPCG(1, uint64(number)))
	if !sleep(ctx, time.Duration(random.Int64N(int64(r.pause)+1))) {
		return
	}
	for {
		limit := -1
		if number%comesAndGoes == 0 {
			limit = 1 + random.IntN(20)
		}
		err := r.converse(ctx, random, fmt.Sprintf("%s %d", r.name, number), limit)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.fail("client %d: %v", number, err)
			if !sleep(ctx, time.Second) {
				return
			}
		}
		r.reconnects.Add(1)
	}
}

// converse sends so many messages over a connection, or without end when limit is negative, and checks each answer.
// Half of the connections are closed, the others dropped.
func (r *run) converse(ctx context.Context, random *rand.Rand, name string, limit int) error {
	c, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer c.CloseNow()
	for n := 0; n != limit; n++ {
		text := fmt.Sprintf("%s message %d %s", name, n, strings.Repeat("x", random.IntN(200)))
		if err := r.exchange(ctx, c, text); err != nil {
			return fmt.Errorf("message %d: %w", n, err)
		}
		r.messages.Add(1)
		if !sleep(ctx, r.pause/2+time.Duration(random.Int64N(int64(r.pause)+1))) {
			return nil
		}
	}
	if random.IntN(2) == 0 {
		return nil
	}
	return c.Close(websocket.StatusNormalClosure, "bye")
}

func (r *run) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+r.address+"/", nil)
	return c, err
}

// exchange sends text and takes the answer: the same text, with the number of a save behind it.
func (r *run) exchange(ctx context.Context, c *websocket.Conn, text string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	least := r.effective.Load()
	if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		return err
	}
	_, answer, err := c.Read(ctx)
	if err != nil {
		return err
	}
	rest, ok := strings.CutPrefix(string(answer), text)
	if !ok {
		return fmt.Errorf("sent %q, got %q", text, answer)
	}
	saved := int64(0)
	if number, ok := strings.CutPrefix(rest, "|"); ok {
		saved, err = strconv.ParseInt(number, 10, 64)
	} else if rest != "" {
		err = fmt.Errorf("sent %q, got %q", text, answer)
	}
	if err == nil && saved < least {
		err = fmt.Errorf("the answer is of save %d, but save %d is in effect", saved, least)
	}
	return err
}
