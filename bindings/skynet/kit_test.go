package skynet_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/testlog"
	"github.com/luahost/luahost/lualib"
)

// patience is how long a test waits for what must come.
const patience = time.Minute

// kit is a host with scripts in a folder of its own.
type kit struct {
	*host.Host
	t   testing.TB
	dir string
	out *testlog.Log
}

// newKit makes a host whose services are the given scripts, by name.
func newKit(t testing.TB, scripts map[string]string, opts ...host.Option) *kit {
	t.Helper()
	dir, err := os.MkdirTemp("", "skynet") // a short name: Lua shows only the end of long ones
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	k := &kit{t: t, dir: dir, out: &testlog.Log{}}
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(k.dir, name+".lua"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := []host.Option{host.WithOutput(k.out), host.WithModule(skynet.Modules()...), host.WithLibrary(lualib.FS)}
	h, err := host.New(append(all, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	k.Host = h
	t.Cleanup(k.close)
	return k
}

func (k *kit) close() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := k.Close(ctx); err != nil {
		k.t.Errorf("closing the host: %v\n%s", err, k.out)
	}
}

func (k *kit) start(name string, args ...string) (host.Handle, error) {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return k.Start(ctx, filepath.Join(k.dir, name+".lua"), args...)
}

// run starts the service main, waits until no service is left, and returns what was printed and logged; the folder of
// the scripts is shown as "DIR".
func (k *kit) run(args ...string) string {
	k.t.Helper()
	if _, err := k.start("main", args...); err != nil {
		k.t.Fatalf("%v\n%s", err, k.text())
	}
	select {
	case <-k.Done():
	case <-time.After(patience):
		k.t.Fatalf("services are still running\n%s", k.text())
	}
	return k.text()
}

func (k *kit) text() string {
	return strings.ReplaceAll(k.out.String(), k.dir+string(filepath.Separator), "DIR/")
}

// run runs the service main among the given scripts, by a fake clock: what sleeps longer wakes later, however slow the
// machine is.
func run(t *testing.T, scripts map[string]string, opts ...host.Option) (text string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { text = newKit(t, scripts, opts...).run() })
	return text
}

// check compares an output line by line.
func check(t *testing.T, got, want string) {
	t.Helper()
	want = strings.TrimLeft(want, "\n")
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
