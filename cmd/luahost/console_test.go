package main

import (
	"bytes"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/internal/testlog"
)

// startConsole runs a node with a debug console, and returns its address.
func startConsole(t *testing.T, settings string) string {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := nodeFiles(t, map[string]string{
		"config": quietNode + "secret = 'found'\n" + settings,
		"main.lua": `local skynet = require "skynet"
skynet.start(function() skynet.newservice("debug_console", skynet.getenv "console_ip" or "127.0.0.1", 0) end)`,
	})
	var log testlog.Log
	c := exec.Command(file, "config")
	c.Dir, c.Stdout, c.Stderr = dir, &log, &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	address := log.Wait(t, `Start debug console at (\S+)\n|(init service failed)`)
	if address == "" {
		t.Fatalf("no console:\n%s", log.String())
	}
	_, port, _ := net.SplitHostPort(address)
	return net.JoinHostPort("127.0.0.1", port)
}

// ask sends a text to a console and returns what it says until it closes.
func ask(t *testing.T, address, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimPrefix(b, []byte("Welcome to skynet console\n")))
}

// A page in a browser must not drive the console, neither by a request to the address nor by a name that leads there.
func TestConsoleTurnsBrowsersAway(t *testing.T) {
	address := startConsole(t, "")
	const get, body = "GET /getenv/secret HTTP/1.1\r\n", "content-length: 13\r\n\r\ngetenv secret"
	for name, request := range map[string]string{
		"line":            "getenv secret\n",
		"get":             get + "Host: " + address + "\r\n\r\n",
		"get by name":     get + "Host: localhost:8000\r\n\r\n",
		"get over IPv6":   get + "Host: [::1]:8000\r\n\r\n",
		"get without":     get + "\r\n",
		"post":            "POST / HTTP/1.1\r\nHost: " + address + "\r\n" + body,
		"address bar":     get + "Host: " + address + "\r\nSec-Fetch-Site: none\r\n\r\n",
		"lines in a row":  "nonsense\ngetenv secret\n",
		"carriage return": "getenv secret\r\n",
	} {
		if got := ask(t, address, request); !strings.Contains(got, "secret\tfound\n<CMD OK>") {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, request := range map[string]string{
		"post of a page":       "POST / HTTP/1.1\r\nHost: " + address + "\r\nOrigin: http://evil.example\r\nContent-Type: text/plain\r\n" + body,
		"post of a file":       "POST / HTTP/1.1\r\nHost: " + address + "\r\nOrigin: null\r\n" + body,
		"own origin":           get + "Host: " + address + "\r\nOrigin: http://" + address + "\r\n\r\n",
		"image":                get + "Host: " + address + "\r\nSec-Fetch-Site: cross-site\r\n\r\n",
		"link":                 get + "Host: " + address + "\r\nReferer: http://evil.example/\r\n\r\n",
		"rebound name":         get + "Host: evil.example:8000\r\n\r\n",
		"name like an address": get + "Host: 127.0.0.1.evil.example\r\n\r\n",
		"two hosts":            get + "Host: " + address + "\r\nHost: evil.example\r\n\r\n",
		"preflight":            "OPTIONS / HTTP/1.1\r\nHost: " + address + "\r\ngetenv secret\r\n\r\n",
		"put":                  "PUT / HTTP/1.1\r\nHost: " + address + "\r\n" + body,
		"websocket":            get + "Host: " + address + "\r\nOrigin: http://evil.example\r\nUpgrade: websocket\r\n\r\n",
	} {
		if got := ask(t, address, request); strings.Contains(got, "found") || !strings.Contains(got, "<CMD Error>") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestConsoleToken(t *testing.T) {
	address := startConsole(t, "console_ip = '0.0.0.0'\nconsole_token = 'open sesame'\n")
	for request, answer := range map[string]string{
		"open sesame\ngetenv secret\n":                                              "found",
		"open sesame\r\ngetenv secret\n":                                            "found",
		"GET /getenv/secret HTTP/1.1\r\nAuthorization: Bearer open sesame\r\n\r\n":  "found",
		"getenv secret\n":                                                           "Refused",
		"\nopen sesame\n":                                                           "Refused",
		"open\ngetenv secret\n":                                                     "Refused",
		"GET /getenv/secret HTTP/1.1\r\n\r\n":                                       "Refused",
		"GET /getenv/secret HTTP/1.1\r\nAuthorization: Bearer open\r\n\r\n":         "Refused",
		"POST / HTTP/1.1\r\nContent-Length: 25\r\n\r\nopen sesame\ngetenv secret\n": "Refused",
	} {
		got := ask(t, address, request)
		if !strings.Contains(got, answer) || answer == "Refused" && strings.Contains(got, "found") {
			t.Errorf("%q: %q", request, got)
		}
	}
}

func TestConsoleRefusesPublicAddress(t *testing.T) {
	dir := nodeFiles(t, map[string]string{
		"config": quietNode,
		"main.lua": `local skynet = require "skynet"
skynet.start(function()
	for _, address in ipairs { "0.0.0.0", "::", "192.0.2.1", "127.0.0.1.example" } do
		assert(not pcall(skynet.newservice, "debug_console", address, 0))
	end
	os.exit(0)
end)`,
	})
	output, code := nodeProgram(t, dir, "", nil, "config")
	const want = "192.0.2.1 can be reached from outside: set console_token, or listen on 127.0.0.1"
	if code != 0 || !strings.Contains(output, want) || strings.Count(output, "reached from outside") != 4 {
		t.Errorf("exit code %d\n%s", code, output)
	}
}
