package main

import (
	"fmt"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host/module"
	"github.com/spf13/cobra"
)

func typesCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "types [-o DIR]",
		Short: "Write the types of all modules for editors",
		Long: "Write the types and the documentation of all modules written in Go, as files that the Lua language server reads\n" +
			"(LuaLS, ---@meta). Name the folder in its setting workspace.library.",
		Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := module.WriteTypes(dir, all.Modules()...)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d modules written to %s\n", n, dir)
			return err
		},
	}
	c.Flags().StringVarP(&dir, "output", "o", "types", "`DIR` to write to; it is made when it is not there")
	return c
}
