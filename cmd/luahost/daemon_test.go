//go:build darwin || linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not so: %s", what)
		}
	}
}

// A node with the setting daemon runs on in the background, alone, until SIGTERM; its pid file goes with it.
func TestNodeDaemon(t *testing.T) {
	dir := nodeFiles(t, map[string]string{
		"config": quietNode + "daemon = 'node.pid'\nlogger = 'node.log'\n",
		"broken": quietNode + "daemon = 'broken.pid'\nlogger = 'broken.log'\nbootstrap = 'gate'\n",
		"nolog":  quietNode + "daemon = '/nowhere/at/all.pid'\n",
		"main.lua": `local skynet = require "skynet"
skynet.start(function() skynet.error "in the background" end)`,
	})
	read := func(name string) string {
		b, _ := os.ReadFile(filepath.Join(dir, name))
		return string(b)
	}
	if output, code := nodeProgram(t, dir, "", nil, "config"); code != 0 || output != "" {
		t.Fatalf("exit code %d\n%s", code, output)
	}
	var pid int
	if _, err := fmt.Sscan(read("node.pid"), &pid); err != nil {
		t.Fatalf("pid file %q: %v", read("node.pid"), err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	eventually(t, "the node logs", func() bool { return strings.Contains(read("node.log"), "in the background\n") })
	output, code := nodeProgram(t, dir, "", nil, "config")
	if want := fmt.Sprintf("daemon: already running, pid = %d (node.pid)", pid); code == 0 || !strings.Contains(output, want) {
		t.Errorf("a second start: exit code %d, %q", code, output)
	}
	// A log that is moved away is opened anew.
	if err := os.Rename(filepath.Join(dir, "node.log"), filepath.Join(dir, "old.log")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the log is opened anew", func() bool { _, err := os.Stat(filepath.Join(dir, "node.log")); return err == nil })
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pid file goes", func() bool { return read("node.pid") == "" })

	// One that the last process left behind stops nobody.
	if err := os.WriteFile(filepath.Join(dir, "node.pid"), []byte("999999\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if output, code := nodeProgram(t, dir, "", nil, "config"); code != 0 {
		t.Fatalf("exit code %d\n%s", code, output)
	}
	if _, err := fmt.Sscan(read("node.pid"), &pid); err != nil || pid == 999999 {
		t.Fatalf("pid file %q: %v", read("node.pid"), err)
	}
	_ = syscall.Kill(pid, syscall.SIGTERM)

	for config, want := range map[string]string{
		"broken": "want snlua and the name of a service; the background process has ended",
		"nolog":  "the config has no logger: its log is lost",
	} {
		if output, code := nodeProgram(t, dir, "", nil, config); code == 0 || !strings.Contains(output, want) {
			t.Errorf("%s: exit code %d, %q", config, code, output)
		}
	}
	eventually(t, "the pid file of a failed start goes", func() bool { return read("broken.pid") == "" })
}
