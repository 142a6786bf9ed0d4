package chat_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/freeport"
	"github.com/luahost/luahost/internal/testlog"
)

const patience = time.Minute

// serve runs the example and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	address := fmt.Sprint("127.0.0.1:", freeport.Of(t, 1)[0])
	log := &testlog.Log{}
	h, err := host.New(append(all.Options(), host.WithOutput(log))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Error(err)
		}
		if strings.Contains(log.String(), "error") || t.Failed() {
			t.Errorf("log:\n%s", log.String())
		}
	})
	if _, err := h.Start(context.Background(), "chat.lua", address); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	return address
}

// guest is somebody in the chat.
type guest struct {
	*websocket.Conn
	t   *testing.T
	ctx context.Context
}

func join(t *testing.T, address string) *guest {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	c, _, err := websocket.Dial(ctx, "ws://"+address+"/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	return &guest{c, t, ctx}
}

func (g *guest) say(text string) {
	g.t.Helper()
	if err := g.Write(g.ctx, websocket.MessageText, []byte(text)); err != nil {
		g.t.Fatal(err)
	}
}

// hear reads messages; each must match its pattern.
func (g *guest) hear(patterns ...string) {
	g.t.Helper()
	for _, p := range patterns {
		_, data, err := g.Read(g.ctx)
		if err != nil {
			g.t.Fatalf("waiting for %q: %v", p, err)
		}
		if !regexp.MustCompile("^" + p + "$").Match(data) {
			g.t.Fatalf("heard %q, want %q", data, p)
		}
	}
}

func TestRooms(t *testing.T) {
	address := serve(t)
	a := join(t, address)
	a.hear(`\* room lobby, 1 here`)
	b := join(t, address)
	b.hear(`\* room lobby, 2 here`)
	a.hear(`\* guest\d+ has come`)
	a.say("/name ann")
	a.hear(`\* guest\d+ is ann now`)
	b.hear(`\* guest\d+ is ann now`)
	b.say("/name ann")
	b.hear(`\* the name ann is taken`)
	b.say("/name * server")
	b.hear(`\* a name has .*`)
	a.say("hello")
	a.hear("ann: hello")
	b.hear("ann: hello")
	b.say("/join den")
	b.hear(`\* room den, 1 here`)
	a.hear(`\* guest\d+ has left`)
	b.say("alone")
	b.hear(`guest\d+: alone`)
	c := join(t, address)
	c.hear(`\* room lobby, 2 here`)
	a.hear(`\* guest\d+ has come`)
	_ = c.CloseNow()
	a.hear(`\* guest\d+ has left`)
	a.say(strings.Repeat("x", 2001))
	a.hear(`\* that is too long`)
	a.say("/what")
	a.hear(`\* there are .*`)
}

func TestHealth(t *testing.T) {
	response, err := http.Get("http://" + serve(t) + "/health")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != 200 {
		t.Error(response.Status)
	}
}

// TestBrowser opens the page in Chromium and talks to it.
func TestBrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	address := serve(t)
	page := open(t, chromium, "http://"+address+"/")
	page.wait(`document.getElementById("log").innerText`, "room lobby, 1 here")
	g := join(t, address)
	g.hear(`\* room lobby, 2 here`)
	g.say("<b>hello</b> from Go")
	g.hear(`guest\d+: <b>hello</b> from Go`)
	page.wait(`document.getElementById("log").innerText`, "<b>hello</b> from Go") // as text, not as markup
	page.run(`document.getElementById("line").value = "hello from the page"; document.querySelector("button").click()`)
	g.hear("guest.*: hello from the page")
}

// page is a page in Chromium, driven by its DevTools protocol.
type page struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
	last int
}

func open(t *testing.T, chromium, url string) *page {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	cmd := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--remote-debugging-port=0", "--user-data-dir="+scratchDir(t), url)
	cmd.Env = append(os.Environ(), "HOME="+scratchDir(t))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	devtools := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if _, address, ok := strings.Cut(lines.Text(), "DevTools listening on ws://"); ok {
				host, _, _ := strings.Cut(address, "/")
				devtools <- host
			}
		}
	}()
	var host string
	select {
	case host = <-devtools:
	case <-ctx.Done():
		t.Fatal("chromium doesn't start")
	}
	p := &page{t: t, ctx: ctx}
	p.attach(host, url)
	return p
}

// scratchDir is t.TempDir for a program whose children may still write there when it has been killed.
func scratchDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "chat")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for deadline := time.Now().Add(patience); os.RemoveAll(dir) != nil && time.Now().Before(deadline); {
			time.Sleep(50 * time.Millisecond)
		}
	})
	return dir
}

// attach connects to the page that shows url.
func (p *page) attach(host, url string) {
	p.t.Helper()
	for ; p.ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		response, err := http.Get("http://" + host + "/json")
		if err != nil {
			continue
		}
		var targets []struct{ URL, Type, WebSocketDebuggerURL string }
		err = json.NewDecoder(response.Body).Decode(&targets)
		_ = response.Body.Close()
		for _, target := range targets {
			if err != nil || target.URL != url {
				continue
			}
			c, _, err := websocket.Dial(p.ctx, target.WebSocketDebuggerURL, nil)
			if err != nil {
				p.t.Fatal(err)
			}
			p.t.Cleanup(func() { _ = c.CloseNow() })
			p.conn = c
			return
		}
	}
	p.t.Fatal("the page doesn't open")
}

// run evaluates JavaScript and returns its result as text.
func (p *page) run(code string) string {
	p.t.Helper()
	p.last++
	request, _ := json.Marshal(map[string]any{
		"id": p.last, "method": "Runtime.evaluate", "params": map[string]any{"expression": code},
	})
	if err := p.conn.Write(p.ctx, websocket.MessageText, request); err != nil {
		p.t.Fatal(err)
	}
	for {
		_, data, err := p.conn.Read(p.ctx)
		if err != nil {
			p.t.Fatal(err)
		}
		var answer struct {
			ID     int
			Result struct{ Result struct{ Value any } }
		}
		if json.Unmarshal(data, &answer) == nil && answer.ID == p.last {
			return fmt.Sprint(answer.Result.Result.Value)
		}
	}
}

// wait waits until what code gives contains text.
func (p *page) wait(code, text string) {
	p.t.Helper()
	got := ""
	for ; p.ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		if got = p.run(code); strings.Contains(got, text) {
			return
		}
	}
	p.t.Fatalf("%s is %q, without %q", code, got, text)
}
