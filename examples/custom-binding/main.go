// Command rankhost runs a Lua service that has the module rank, beside all that luahost has.
package main

import (
	"context"
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
	if err := run(ctx, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string, opts ...host.Option) error {
	h, err := host.New(append(append(all.Options(), host.WithModule(rank.Module())), opts...)...)
	if err != nil {
		return err
	}
	defer h.Close(context.Background())
	if _, err = h.Start(ctx, args[0], args[1:]...); err == nil {
		select {
		case <-ctx.Done():
		case <-h.Done(): // no service is left
		}
	}
	return err
}
