package host_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFiles puts scripts into a folder, as name.lua.
func writeFiles(t *testing.T, scripts map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name+".lua"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// lineWriter gets the text of each line of a log.
type lineWriter func(text string)

func (w lineWriter) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		_, text, ok := strings.Cut(line, "] ")
		if ok {
			w(strings.TrimSuffix(text, "\n"))
		}
	}
	return len(b), nil
}
