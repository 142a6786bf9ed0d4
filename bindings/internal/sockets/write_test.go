package sockets

import (
	"bytes"
	"net"
	"strings"
	"testing"
)

func text(b net.Buffers) string { return string(bytes.Join(b, nil)) }

// TestNext: batches are bounded, keep the order, and take what is low only when nothing is high.
func TestNext(t *testing.T) {
	var w writer
	w.warnAt = warnSize
	big := strings.Repeat("b", batchSize-2) + "12345"
	for _, p := range []struct {
		text string
		low  bool
	}{{"low1", true}, {"high1", false}, {big, false}, {"high2", false}, {"low2", true}} {
		w.add([]byte(p.text), p.low)
	}
	if want := len(big) + 18; w.queued != want {
		t.Errorf("%d bytes queued, want %d", w.queued, want)
	}
	var batches []string
	for {
		b := w.next(nil)
		if len(b) == 0 {
			break
		}
		if n := len(text(b)); n > batchSize {
			t.Errorf("a batch of %d bytes", n)
		}
		batches = append(batches, text(b))
	}
	if got, want := strings.Join(batches, ""), "high1"+big+"high2low1low2"; got != want {
		t.Errorf("wrong order: ...%s", got[len(got)-40:])
	}
	if len(batches) != 4 {
		t.Errorf("%d batches, want 4", len(batches))
	}
}

// TestNextLowInPieces: what is high does not get into the middle of a low piece that was begun.
func TestNextLowInPieces(t *testing.T) {
	var w writer
	w.warnAt = warnSize
	low := strings.Repeat("l", batchSize+5)
	w.add([]byte(low), true)
	first := text(w.next(nil))
	w.add([]byte("high"), false)
	if got := first + text(w.next(nil)); got != low+"high" {
		t.Errorf("...%s", got[len(got)-10:])
	}
}

func TestWarnings(t *testing.T) {
	var w writer
	w.warnAt = warnSize
	var told []int
	for range 80 {
		if kilobytes := w.add(make([]byte, 100<<10+1), false); kilobytes > 0 {
			told = append(told, kilobytes)
		}
	}
	if len(told) != 3 || told[0] != 1101 || told[1] != 2101 || told[2] != 4101 {
		t.Errorf("told of %v KB", told)
	}
}
