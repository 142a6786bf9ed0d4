package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patienceWithSaves is less than how long the program waits for the rest of a file that is half written, or gone. A slow machine
// may take longer for a save: then the program may complain meanwhile.
const patienceWithSaves = 200 * time.Millisecond

// Editors save in ways of their own. Each save of a running program is one reload, and nothing else is printed.
func TestSavesOfEditors(t *testing.T) {
	p := runProgram(t, roomFiles(), "main.lua")
	p.shows("watching 2 files by ")
	p.shows("first counted")
	file := filepath.Join(p.dir, "room.lua")
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	version := 0
	for _, save := range []struct {
		how  string
		save func(text string)
	}{
		{"in place", func(text string) { p.write("room.lua", text) }},
		{"with a backup, as vim does", func(text string) {
			p.write(".room.lua.swp", "b0VIM")
			p.write("4913", "")
			do(os.Remove(filepath.Join(p.dir, "4913")))
			do(os.Rename(file, file+"~"))
			p.write("room.lua", text)
			do(os.Remove(file + "~"))
			do(os.Remove(filepath.Join(p.dir, ".room.lua.swp")))
		}},
		{"by rename", func(text string) {
			p.write("room.lua.tmp", text)
			do(os.Rename(file+".tmp", file))
		}},
		{"in slices", func(text string) {
			f, err := os.Create(file)
			do(err)
			for _, b := range []byte(text) {
				_, err := f.Write([]byte{b})
				do(err)
			}
			do(f.Close())
		}},
		{"twice", func(text string) { p.write("room.lua", text); p.write("room.lua", text) }},
		{"with a mark and line ends of Windows", func(text string) {
			p.write("room.lua", "\ufeff"+strings.ReplaceAll(text, "\n", "\r\n"))
		}},
		{"deleted and made again", func(text string) {
			do(os.Remove(file))
			time.Sleep(100 * time.Millisecond)
			p.write("room.lua", text)
		}},
	} {
		version++
		before, begin := len(p.out.String()), time.Now()
		save.save(fmt.Sprintf("return {\n  name = function() return 'save %d' end,\n}\n", version))
		inTime := time.Since(begin) < patienceWithSaves
		p.shows(fmt.Sprintf("reload gen %d ok: room (1 function) in 1 service, ", version+1))
		p.shows(fmt.Sprintf("save %d counted", version))
		if out := p.out.String()[before:]; inTime && (strings.Contains(out, "rejected") || strings.Contains(out, "is gone")) {
			t.Fatalf("%s:\n%s", save.how, out)
		}
	}
	time.Sleep(500 * time.Millisecond) // for what must not come
	if n := strings.Count(p.out.String(), "reload gen"); n != version {
		t.Errorf("%d reloads of %d saves:\n%s", n, version, p.out.String())
	}
}
