package main

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/luahost/luahost/host"
)

func TestRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var out output
	if err := run(ctx, []string{"demo.lua", "points.csv"}, host.WithOutput(&out)); err != nil {
		t.Fatal(err)
	}
	want := "3 players loaded\nEve\t52\nAnn\t30\nBob has 41 now\n"
	if got := out.String(); got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

func TestRunFails(t *testing.T) {
	err := run(context.Background(), []string{"demo.lua", "nowhere.csv"}, host.WithOutput(new(output)))
	if err == nil || !strings.Contains(err.Error(), "nowhere.csv") {
		t.Errorf("got %v", err)
	}
}

// output is a buffer for several goroutines.
type output struct {
	mu sync.Mutex
	strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Builder.Write(p)
}
