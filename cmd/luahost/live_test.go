package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/luahost/luahost/host"
)

func roomFiles() map[string]string {
	return map[string]string{"main.lua": ticking, "room.lua": "return {name = function() return 'first' end}"}
}

// SIGHUP reloads what has changed, for those who let nothing watch the files.
func TestReloadAtHangup(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no such signal")
	}
	p := runProgram(t, roomFiles(), "--watch=false", "--reload-on-hangup", "main.lua")
	p.shows("first counted")
	for _, text := range []string{"second", "third"} {
		p.write("room.lua", "return {name = function() return '"+text+"' end}")
		if err := p.process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		p.shows(text + " counted")
	}
	p.shows("reload gen 3 ok: room (1 function) in 1 service, ")
}

// A node applies nothing unasked, but luahost reload reaches it, and SIGHUP if it was told so.
func TestReloadOfNode(t *testing.T) {
	files := map[string]string{
		"config":   "harbor = 0\nbootstrap = 'snlua main'\nluaservice = './?.lua'\nlua_path = './?.lua'\n",
		"main.lua": ticking, "room.lua": "return {name = function() return 'first' end}"}
	p := startProgram(t, files, "--reload-on-hangup", "config")
	p.shows("first counted")
	p.write("room.lua", "return {name = function() return 'second' end}")
	if out, code := p.reload(); code != 0 || !strings.HasPrefix(out, "reload gen 2 ok: room (1 function) in 1 service, ") {
		t.Errorf("%d %s", code, out)
	}
	p.shows("second counted")
	p.shows("[:00000000] reload gen 2 ok: room")
	if runtime.GOOS == "windows" {
		return
	}
	p.write("room.lua", "return {name = function() return 'third' end}")
	if err := p.process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.shows("third counted")
}

// Prometheus gets numbers, by this machine's own names only.
func TestMetrics(t *testing.T) {
	p := runProgram(t, roomFiles(), "--metrics", "127.0.0.1:0", "main.lua")
	p.shows("watching 2 files by ")
	p.shows("metrics at ")
	url := regexp.MustCompile(`metrics at (http://\S+)`).FindStringSubmatch(p.out.String())[1]
	p.write("room.lua", "return {name = function() return 'second' end}")
	p.shows("reload gen 2 ok")
	p.write("room.lua", "return {name = = 1}")
	p.shows("reload rejected")
	get := func(name string) (int, string) {
		r, _ := http.NewRequest("GET", url, nil)
		if name != "" {
			r.Host = name
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b, _ := io.ReadAll(a.Body)
		return a.StatusCode, string(b)
	}
	status, text := get("")
	for _, want := range []string{`reload_total{result="ok"} 1`, `reload_total{result="rejected"} 1`, `reload_total{result="rolled_back"} 0`,
		`reload_total{result="auto_rollback"} 0`, `reload_seconds_count{phase="prepare"} 1`, `reload_seconds_count{phase="commit"} 1`,
		`reload_seconds_count{phase="worst_pause"} 1`, `lua_generation{service="main"} 2`, `lua_old_frames{service="main"} 0`,
		`lua_stuck_closures{service="main"} 0`, `reload_conflicts_total 0`, `watch_mode{mode="off"} 0`, `lua_services{service="main"} 1`, "go_goroutines "} {
		if !strings.Contains(text, want+"\n") && !strings.HasSuffix(want, " ") || !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Count(text, "watch_mode{") != 3 || !regexp.MustCompile(`watch_mode\{mode="(inotify|poll)"\} 1`).MatchString(text) {
		t.Errorf("watch_mode in\n%s", text)
	}
	if status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if status, _ := get("evil.example"); status != http.StatusForbidden {
		t.Errorf("another name: status %d", status)
	}
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:0", ":0", "nonsense"} {
		c := p.command("run", "--watch=false", "--control", "other.sock", "--metrics", address, "main.lua")
		if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "--metrics "+address) {
			t.Errorf("%s: %v %s", address, err, out)
		}
	}
}

// luahost reload watch prints what happens, until the host ends.
func TestReloadWatch(t *testing.T) {
	p := runProgram(t, roomFiles(), "--watch=false", "main.lua")
	p.shows("first counted")
	follow := func(args ...string) *bufio.Reader {
		c := p.command(append([]string{"reload", "watch"}, args...)...)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
		return bufio.NewReader(out)
	}
	line := func(r *bufio.Reader) string {
		text, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	people := follow()
	if text := line(people); text != "generation 1, watching: off\n" {
		t.Errorf("first line %q", text)
	}
	p.write("room.lua", "return {name = function() return 'second' end}")
	p.reload()
	if text := line(people); !strings.HasPrefix(text, "reload gen 2 ok: room (1 function) in 1 service, ") {
		t.Errorf("line %q", text)
	}
	programs := follow("--json")
	p.write("room.lua", "return {name = = 1}")
	heard := make(chan string, 1)
	go func() {
		text, _ := programs.ReadString('\n')
		heard <- text
	}()
	text := ""
	for text == "" { // until it follows
		p.reload()
		select {
		case text = <-heard:
		default:
		}
	}
	var r host.Reload
	if err := json.Unmarshal([]byte(text), &r); err != nil || r.Result != host.ReloadRejected || len(r.Errors) != 1 {
		t.Errorf("%v %+v", err, r)
	}
}

// A reload that makes things worse is taken back.
func TestAutoRollbackOfProgram(t *testing.T) {
	p := runProgram(t, roomFiles(), "--auto-rollback", "0.1", "--auto-rollback-calls", "5", "main.lua")
	p.shows("first counted")
	p.write("main.lua", strings.Replace(ticking, "skynet.error(", "skynet.timeout(5, tick) error('bad') skynet.error(", 1))
	p.shows("auto rollback gen 3 ok: main (1 function) in 1 service, ")
	p.shows("  because of 1 calls of functions that gen 2 changed, 1 ended with an error; the last: main.lua:6: bad")
}
