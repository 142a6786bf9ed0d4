package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts of testdata/script run the program as a user does: luahost in a script is this test binary.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"luahost": func() { os.Exit(doMain(os.Args, os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
