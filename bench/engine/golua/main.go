// Golua runs a Lua file under github.com/Shopify/go-lua: golua FILE [ARG...].
package main

import (
	"fmt"
	"os"

	"github.com/Shopify/go-lua"
)

func main() {
	l := lua.NewState()
	lua.OpenLibraries(l)
	l.NewTable()
	for i, a := range os.Args[1:] {
		l.PushString(a)
		l.RawSetInt(-2, i)
	}
	l.SetGlobal("arg")
	if err := lua.DoFile(l, os.Args[1]); err != nil {
		msg, _ := l.ToString(-1)
		fmt.Fprintln(os.Stderr, err, msg)
		os.Exit(1)
	}
}
