// Command luahost runs Lua programs and hosts Lua services.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	tuneGC()
	os.Exit(doMain(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// doMain runs the program with the arguments of a process, the first of which is its name. It returns the exit code.
func doMain(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "luahost",
		Short:         "Run Lua programs and host Lua services",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(luaCommand(args), versionCommand())
	root.SetArgs(args[1:])
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintln(stderr, "luahost:", err)
	return 1
}

// exitCode is the error of a command that has told the user all there is to say.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }
