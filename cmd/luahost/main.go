// Command luahost runs Lua programs and hosts Lua services.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	tuneGC(namedLua(os.Args[0]) || len(os.Args) > 1 && os.Args[1] == "lua")
	go giveBack()
	os.Exit(doMain(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// doMain runs the program with the arguments of a process, the first of which is its name. It returns the exit code.
func doMain(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var reap time.Duration
	var changes liveFlags
	root := &cobra.Command{
		Use:   "luahost [CONFIG]",
		Short: "Run Lua programs and host Lua services",
		Long:  "Run Lua programs and host Lua services. With a file instead of a command: run the skynet node that this config file describes.",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			if _, err := os.Stat(args[0]); err != nil {
				return usageError(fmt.Sprintf("%s is neither a command nor a config file; see luahost --help", args[0]))
			}
			return runNode(c, args[0], reap, changes)
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.Flags().DurationVar(&reap, "reap-orphans", 0, "end services of a node that have been orphans for this time; 0 leaves them")
	changes.add(root.Flags(), false)
	command := args[1:]
	if namedLua(args[0]) {
		command = append([]string{"lua"}, command...)
	}
	root.AddCommand(runCommand(), luaCommand(args), clientCommand(), benchCommand(), reloadCommand(), typesCommand(), versionCommand())
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError(fmt.Sprintf("%v; see %s --help", err, c.CommandPath()))
	})
	root.SetArgs(command)
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
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

// usageError is the error of a command line that makes no sense.
type usageError string

func (e usageError) Error() string { return string(e) }

// usage makes the errors of a check of arguments usage errors.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError(fmt.Sprintf("%v; see %s --help", err, c.CommandPath()))
		}
		return nil
	}
}

// exitCode is the error of a command that has told the user all there is to say.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }
