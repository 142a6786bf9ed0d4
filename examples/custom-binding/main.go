// Command rankhost runs a Lua service that has the module rank, beside all that luahost has.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"

	"example.com/rankhost/rank"
	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: rankhost SCRIPT [ARG...]")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1], os.Args[2:]...); err != nil {
		log.Fatal(err)
	}
}

// run returns when the script's service and all that it started have ended, or ctx ends.
func run(ctx context.Context, output io.Writer, script string, args ...string) error {
	h, err := host.New(append(all.Options(), host.WithModule(rank.Module()), host.WithOutput(output))...)
	if err != nil {
		return err
	}
	defer h.Close(context.Background())
	if _, err := h.Start(ctx, script, args...); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-h.Done():
	}
	return nil
}
