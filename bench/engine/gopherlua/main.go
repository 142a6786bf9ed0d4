// Gopherlua runs a Lua file under github.com/yuin/gopher-lua: gopherlua FILE [ARG...].
package main

import (
	"fmt"
	"os"

	lua "github.com/yuin/gopher-lua"
)

func main() {
	l := lua.NewState()
	defer l.Close()
	args := l.NewTable()
	for i, a := range os.Args[1:] {
		args.RawSetInt(i, lua.LString(a))
	}
	l.SetGlobal("arg", args)
	if err := l.DoFile(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
