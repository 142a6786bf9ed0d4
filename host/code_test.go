package host

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Without a watcher, a service that starts runs what its file says now, though the host remembers what it has read.
func TestServicesStartWithTheFileAsItIs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.lua")
	c := newCodebase(false)
	long := time.Now().Add(-time.Hour)
	put := func(name, text string, modified time.Time) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, modified, modified); err != nil {
			t.Fatal(err)
		}
	}
	want := func(text string) {
		t.Helper()
		for range 2 {
			if got, err := c.read(path); got != text || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, text)
			}
		}
	}
	put(path, "one", long)
	want("one")
	put(path, "two", long.Add(time.Second)) // the size is the same
	want("two")
	put(path+"~", "six", long.Add(time.Second)) // the time, too
	if err := os.Rename(path+"~", path); err != nil {
		t.Fatal(err)
	}
	want("six")
	now := time.Now()
	put(path, "ten", now)
	want("ten")
	put(path, "new", now) // within the grain of the clock
	want("new")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := c.read(path); !os.IsNotExist(err) {
		t.Errorf("of a file that is gone: %v", err)
	}
	put(path, "back", long)
	want("back")
}
