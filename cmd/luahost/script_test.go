package main

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts of testdata/script run the program as a user does: luahost in a script is this test binary.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"lua":     func() { os.Exit(doMain(os.Args, os.Stdin, os.Stdout, os.Stderr)) },
		"luahost": func() { os.Exit(doMain(os.Args, os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Condition: func(name string) (bool, error) {
			if name != "zoneinfo" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			_, err := time.LoadLocation("Europe/Berlin")
			return err == nil, nil
		},
	})
}
