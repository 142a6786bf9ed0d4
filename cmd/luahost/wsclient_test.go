package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/luahost/luahost/internal/testlog"
)

// echoServer is a WebSocket server that isn't ours. It returns its URL.
func echoServer(t *testing.T, spoil bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Refuse") != "" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		c.SetReadLimit(1 << 20)
		for n := 0; ; n++ {
			kind, data, err := c.Read(context.Background())
			if err != nil {
				return
			}
			if string(data) == "leave" {
				_ = c.Close(4000, "left")
				return
			}
			if string(data) == "late" {
				time.Sleep(700 * time.Millisecond) // longer than the client waits unless told otherwise
				_ = c.Write(context.Background(), kind, data)
				_ = c.Close(websocket.StatusNormalClosure, "")
				return
			}
			if string(data) == "drop" {
				_ = c.CloseNow()
				return
			}
			if spoil && n == 0 && len(data) > 0 {
				data[0]++
			}
			_ = c.Write(context.Background(), kind, data)
		}
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return "ws://" + l.Addr().String()
}

// luahost runs the program in this process.
func luahost(input string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = doMain(append([]string{"luahost"}, args...), strings.NewReader(input), &out, &errs)
	return code, out.String(), errs.String()
}

// untilShown is an input that ends when the program has shown what it is to show.
type untilShown struct {
	io.Reader
	out  *testlog.Log
	want string
	end  time.Time
}

func (u *untilShown) Read(b []byte) (int, error) {
	n, err := u.Reader.Read(b)
	for err == io.EOF && u.out.String() != u.want && time.Now().Before(u.end) {
		time.Sleep(time.Millisecond)
	}
	return n, err
}

func TestClient(t *testing.T) {
	url := echoServer(t, false)
	stay := []string{"--wait", "1m"} // until the server ends the connection
	for _, c := range []struct {
		name, input string
		args        []string
		code        int
		out, err    string
	}{
		{"lines", "one\ntwo\r\n", nil, 0, "one\ntwo\n", "closed: 1000"},
		{"no end", "one\nno end", []string{"--wait", "3s"}, 0, "one\nno end\n", "closed: 1000"},
		{"nothing", "", nil, 0, "", "closed: 1000"},
		{"binary", "a\xff\n", []string{"--binary"}, 0, "61 ff\n", ""},
		{"not utf-8", "\xff\nfine\n", nil, 0, "fine\n", "not sent: text is not UTF-8"},
		{"closed by the server", "leave\n", stay, 1, "", "closed: 4000 left"},
		{"dropped by the server", "drop\n", stay, 1, "", "connection lost"},
		{"refused", "", []string{"--header", "X-Refuse: yes"}, 1, "", "403 Forbidden"},
		{"late answer", "late\n", stay, 0, "late\n", "closed: 1000"},
		{"bad header", "", []string{"--header", "x"}, 2, "", `want "Name: value"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs testlog.Log
			var input io.Reader = strings.NewReader(c.input)
			if !slices.Contains(c.args, "--wait") {
				input = &untilShown{input, &out, c.out, time.Now().Add(patience)}
			}
			code := doMain(append(append([]string{"luahost", "client"}, c.args...), url), input, &out, &errs)
			if code != c.code || out.String() != c.out || !strings.Contains(errs.String(), c.err) {
				t.Errorf("exit %d, stdout %q, stderr %q", code, out.String(), errs.String())
			}
		})
	}
	if code, _, errs := luahost("", "client", "ws://127.0.0.1:1"); code != 1 || !strings.Contains(errs, "refused") {
		t.Errorf("exit %d, %q", code, errs)
	}
	for _, url := range []string{"", "here", "http://127.0.0.1", "ws://", "127.0.0.1:80", "ws://:80"} {
		if code, _, errs := luahost("", "client", url); code != 1 || !strings.Contains(errs, url+": not a WebSocket's URL") {
			t.Errorf("%q: exit %d, %q", url, code, errs)
		}
	}
	if code, _, _ := luahost("", "client"); code != 2 {
		t.Errorf("without a URL: exit %d", code)
	}
}

func TestBench(t *testing.T) {
	code, out, errs := luahost("", "bench", "-c", "4", "-i", "3", "-s", "100", "-d", "200ms", "--json", echoServer(t, false))
	var r benchResult
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err, out, errs)
	}
	if code != 0 || r.Errors != 0 || r.Messages == 0 || r.Connections != 4 || r.P50 <= 0 || r.P50 > r.P99 || r.P99 > r.P999 {
		t.Errorf("exit %d, %+v, %s", code, r, errs)
	}
	code, out, _ = luahost("", "bench", "-c", "2", "-d", "100ms", echoServer(t, true))
	if code != 1 || !strings.Contains(out, "2 errors") || !strings.Contains(out, "an echo differs from the message") {
		t.Errorf("exit %d, %s", code, out)
	}
	for _, args := range [][]string{{"-c", "0"}, {"-s", "-1"}, {"-i", "0"}, {"-d", "0s"}} {
		if code, _, _ := luahost("", append(append([]string{"bench"}, args...), "ws://127.0.0.1:1")...); code != 2 {
			t.Errorf("%v: exit %d", args, code)
		}
	}
	if code, _, _ := luahost("", "bench", "-d", "100ms", "ws://127.0.0.1:1"); code == 0 {
		t.Error("nobody listens, but exit 0")
	}
}
