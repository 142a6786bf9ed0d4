// Package testlog keeps what a program prints while a test runs it.
package testlog

import (
	"bytes"
	"regexp"
	"sync"
	"testing"
	"time"
)

// Log is a buffer for several goroutines: it may be read while it is written. The zero Log is empty.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns all that has been written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// patience is how long Wait waits.
const patience = time.Minute

// Wait waits until the log has what a pattern matches, and returns the pattern's first group, or all of the match.
func (l *Log) Wait(t testing.TB, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if m := re.FindStringSubmatch(l.String()); m != nil {
			return m[min(1, len(m)-1)]
		}
		if time.Now().After(end) {
			t.Fatalf("not in the log: %s\n%s", pattern, l.String())
		}
	}
}
