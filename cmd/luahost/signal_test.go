//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// busyServer echoes; "slow" is answered after half a second, by a lot; "never" is not, nor is "loop", which ends no turn.
const busyServer = `local skynet = require "skynet"
local websocket = require "http.websocket"
local handle = {}
function handle.message(id, message)
	if message == "slow" then
		skynet.error "slow begun"
		skynet.sleep(50)
		websocket.write(id, ("x"):rep(4 * 1024 * 1024))
	elseif message == "never" then
		skynet.error "never begun"
		skynet.wait()
	elseif message == "loop" then
		skynet.error "loop begun"
		while true do end
	end
	websocket.write(id, message)
end
skynet.start(function()
	-- Clients may be as slow as the machine is.
	local _, host, port = websocket.listen("127.0.0.1:0", handle, { stall = 6000, close_timeout = 6000 })
	skynet.error(("listening on %s:%d"):format(host, port))
end)`

// startBusy runs busyServer, by luahost run or as a node.
func startBusy(t *testing.T, asNode bool) *wsServer {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := nodeFiles(t, map[string]string{"config": quietNode, "main.lua": busyServer})
	s := &wsServer{t: t, process: exec.Command(file, "run", "--watch=false", "--control", filepath.Join(dir, "control"), "main.lua")}
	if asNode {
		s.process = exec.Command(file, "config")
	}
	s.process.Dir, s.process.Stdout, s.process.Stderr = dir, &s.log, &s.log
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.process.Process.Kill() })
	s.address = s.logged(`listening on (\S+)\n`)
	return s
}

func (s *wsServer) terminate() {
	s.t.Helper()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
}

// refuses waits until the server accepts no more.
func (s *wsServer) refuses() {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		c, err := net.Dial("tcp", s.address)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if err == nil {
			_ = c.Close()
		}
		if time.Now().After(end) {
			s.t.Fatalf("still accepting (%v)", err)
		}
	}
}

// At SIGTERM listeners stop, handlers finish, what they wrote goes out, clients get 1001, and the exit code is 0.
func TestSignalUnderLoad(t *testing.T) {
	for _, asNode := range []bool{false, true} {
		t.Run(fmt.Sprintf("node %v", asNode), func(t *testing.T) {
			s := startBusy(t, asNode)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var clients sync.WaitGroup
			answered := make(chan struct{}, 8)
			for i := range cap(answered) {
				c := s.dial()
				clients.Go(func() {
					for n := 0; ; n++ {
						message := fmt.Sprint(i, " ", n)
						if err := c.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
							return // closed; all answers were there
						}
						switch _, got, err := c.Read(ctx); {
						case err != nil && websocket.CloseStatus(err) != websocket.StatusGoingAway:
							t.Errorf("client %d: %v", i, err)
							return
						case err != nil:
							return
						case string(got) != message:
							t.Errorf("client %d: got %q, want %q", i, got, message)
						}
						if n == 0 {
							answered <- struct{}{}
						}
					}
				})
			}
			for range cap(answered) {
				<-answered
			}
			slow := s.dial()
			if err := slow.Write(ctx, websocket.MessageText, []byte("slow")); err != nil {
				t.Fatal(err)
			}
			s.logged("(slow begun)")
			s.terminate()
			s.refuses()
			for _, want := range []string{strings.Repeat("x", 4<<20), "slow"} {
				if _, got, err := slow.Read(ctx); err != nil || string(got) != want {
					t.Errorf("got %d bytes, %v, want %d", len(got), err, len(want))
				}
			}
			if _, _, err := slow.Read(ctx); websocket.CloseStatus(err) != websocket.StatusGoingAway {
				t.Errorf("behind the answer: %v, want 1001", err)
			}
			clients.Wait()
			if err := s.process.Wait(); err != nil {
				t.Errorf("%v\n%s", err, s.log.String())
			}
		})
	}
}

// A second signal ends a program whose handlers don't end.
func TestSecondSignal(t *testing.T) {
	for _, message := range []string{"never", "loop"} {
		t.Run(message, func(t *testing.T) {
			s := startBusy(t, false)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := s.dial().Write(ctx, websocket.MessageText, []byte(message)); err != nil {
				t.Fatal(err)
			}
			s.logged("(" + message + " begun)")
			s.terminate()
			s.refuses()
			s.terminate()
			err := s.process.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(s.log.String(), "ended by a second signal") {
				t.Errorf("%v\n%s", err, s.log.String())
			}
		})
	}
}
