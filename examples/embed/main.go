// Command embed is a web server of its own that has luahost inside: the room at /room is a Lua script, which may be edited
// while clients are connected.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/bindings/websocket"
	"github.com/luahost/luahost/host"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := net.Listen("tcp", "127.0.0.1:8080")
	if err == nil {
		log.Printf("http://%s/", l.Addr())
		err = serve(ctx, l, "examples/embed/scripts/room.lua")
	}
	if err != nil {
		log.Fatal(err)
	}
}

// grace is how long clients have to take leave when the program ends.
const grace = 5 * time.Second

// serve serves until ctx ends.
func serve(ctx context.Context, l net.Listener, script string) error {
	h, err := host.New(all.Options()...)
	if err != nil {
		return err
	}
	room, err := h.Start(ctx, script)
	if err != nil {
		return errors.Join(err, h.Close(ctx))
	}
	server := &http.Server{Handler: handler(h, room), ReadHeaderTimeout: 10 * time.Second}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var watcher sync.WaitGroup
	watcher.Go(func() { h.Watch(ctx, false, nil) }) // scripts that are saved are reloaded
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	cancel()
	watcher.Wait()
	leave, gone := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer gone()
	return errors.Join(err, server.Shutdown(leave), h.Close(leave))
}

// handler has handlers of both worlds.
func handler(h *host.Host, room host.Handle) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /room", websocket.Handler(h, "room"))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "index.html", time.Time{}, page())
	})
	mux.HandleFunc("POST /say", func(w http.ResponseWriter, r *http.Request) {
		results, err := h.Call(r.Context(), room, "say", "the server", r.FormValue("text"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		fmt.Fprintf(w, "%v\n", results[0])
	})
	return mux
}
