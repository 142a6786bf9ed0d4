package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/control"
)

// The exit codes of luahost reload.
const (
	exitRejected   = exitCode(1)
	exitRolledBack = exitCode(2)
	exitUnchanged  = exitCode(3)
)

// reloadClient is what the subcommands of luahost reload share.
type reloadClient struct {
	control string
	asJSON  bool
}

// socket returns the path of the host's control socket.
func (c *reloadClient) socket() string {
	if info, err := os.Stat(c.control); err == nil && (info.IsDir() || info.Mode().IsRegular()) {
		return control.DefaultPath(c.control)
	}
	return c.control
}

func reloadCommand() *cobra.Command {
	c := &reloadClient{}
	var o host.ReloadOptions
	var diff bool
	cmd := &cobra.Command{
		Use:   "reload [MODULE...]",
		Short: "Apply changed scripts to the running host",
		Long: "Apply what has changed in the files of the host that was started in this directory, or only the modules, services or\n" +
			"files named.\n\nExit code: 0 applied, 1 rejected, 2 rolled back, 3 nothing changed.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Modules = args
			return c.reload(cmd, control.Request{Command: "reload", Reload: o}, diff)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.DryRun, "dry-run", false, "try the new code everywhere and undo it")
	f.BoolVar(&o.Barrier, "barrier", false, "pause the services concerned until all of them have the new code")
	f.BoolVar(&o.Strict, "strict", false, "reject code that reads globals which nothing defines")
	f.BoolVar(&o.Restart, "restart", false, "restart services that can't take the new code while they run")
	f.StringVar(&o.Service, "service", "", "only in the service of this name or address")
	f.BoolVar(&diff, "diff", false, "show the changed lines")
	p := cmd.PersistentFlags()
	p.StringVar(&c.control, "control", ".", "control socket of the host, or the script or config file that it runs, or the directory it was started in first")
	p.BoolVar(&c.asJSON, "json", false, "print JSON")
	cmd.AddCommand(c.statusCommand(), c.historyCommand(), c.rollbackCommand(), c.whyCommand(), c.watchCommand())
	return cmd
}

func (c *reloadClient) ask(cmd *cobra.Command, r control.Request) (control.Answer, error) {
	return control.Ask(cmd.Context(), c.socket(), r)
}

// reload asks for a reload or a rollback, prints the report and tells the outcome by the exit code.
func (c *reloadClient) reload(cmd *cobra.Command, r control.Request, diff bool) error {
	a, err := c.ask(cmd, r)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if c.asJSON {
		printJSON(out, a.Reload)
	} else {
		fmt.Fprint(out, a.Text)
		if diff {
			for _, f := range a.Reload.Files {
				fmt.Fprintf(out, "--- %s\n%s", f.File, f.Diff)
			}
		}
	}
	switch a.Reload.Result {
	case host.ReloadRejected:
		return exitRejected
	case host.ReloadRolledBack:
		return exitRolledBack
	case host.ReloadUnchanged:
		return exitUnchanged
	}
	return nil
}

func printJSON(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v)
}

func (c *reloadClient) rollbackCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rollback [GENERATION]",
		Short: "Make the code what it was before the last reload, or at a generation",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.Request{Command: "rollback"}
			if len(args) > 0 {
				n, err := strconv.Atoi(args[0])
				if err != nil || n < 1 {
					return fmt.Errorf("%q is no generation: see luahost reload history", args[0])
				}
				r.Generation = n
			}
			return c.reload(cmd, r, false)
		},
	}
}

func (c *reloadClient) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show which code runs where",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := c.ask(cmd, control.Request{Command: "status"})
			if err != nil {
				return err
			}
			if c.asJSON {
				printJSON(cmd.OutOrStdout(), a.Status)
				return nil
			}
			printStatus(cmd.OutOrStdout(), a.Status)
			return nil
		},
	}
}

// agedFrame is how long a function may go on with old code before there is advice about that.
const agedFrame = 10 * time.Second

func printStatus(w io.Writer, s *host.ReloadStatus) {
	fmt.Fprintf(w, "generation %d, watching: %s, %d services\n", s.Generation, s.Watch, len(s.Services))
	for _, v := range s.Services {
		if v.Busy != "" {
			fmt.Fprintf(w, "%s %s: busy in %s\n", v.Service, v.Name, v.Busy)
			continue
		}
		fmt.Fprintf(w, "%s %s: generation %d\n", v.Service, v.Name, v.Generation)
		for _, k := range v.Chunks {
			name := k.Module
			switch {
			case k.Included:
				name = "(dofile)"
			case name == "":
				name = "(script)"
			}
			fmt.Fprintf(w, "  %-24s %s %.12s\n", name, k.File, k.Hash)
		}
		same, aged := 0, false
		for _, f := range v.Frames {
			if f.Same {
				same++
				continue
			}
			age := time.Duration(f.Age * float64(time.Second)).Round(time.Second)
			aged = aged || age >= agedFrame
			fmt.Fprintf(w, "  old frame: %s at %s:%d@g%d, for %v, in %s\n", f.Function, f.File, f.Line, f.Generation, age, f.Coroutine)
		}
		if aged {
			fmt.Fprintln(w, "  a function that never returns keeps its own code: let it call others for all it does, or end with return loop()")
		}
		if same > 0 {
			fmt.Fprintf(w, "  old frames that a reload did not change: %d\n", same)
		}
		for _, f := range v.Stuck {
			fmt.Fprintf(w, "  stuck: %s:%d (%s) needs '%s'\n", f.File, f.Line, f.Function, f.Needs)
		}
		for _, f := range v.Orphans {
			fmt.Fprintf(w, "  orphan: %s:%d (%s)\n", f.File, f.Line, f.Function)
		}
		for _, text := range v.Conflicts {
			fmt.Fprintf(w, "  conflict: %s\n", text)
		}
		for _, text := range v.Advice {
			fmt.Fprintf(w, "  needs restart: %s\n", text)
		}
	}
}

func (c *reloadClient) historyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "history",
		Short: "List the last reloads that were kept",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := c.ask(cmd, control.Request{Command: "history"})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if c.asJSON {
				printJSON(out, a.History)
				return nil
			}
			for _, g := range a.History {
				fmt.Fprintf(out, "%s  %s\n", g.Time.Format("2006-01-02 15:04:05"), g.Summary)
			}
			return nil
		},
	}
}

func (c *reloadClient) watchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "watch",
		Short: "Print each reload of the host as it happens",
		Long: "Print each reload of the host as it happens, whoever asked for it, until the host ends or this command is interrupted.\n" +
			"With --json: one report a line.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			color := showsColor(out)
			return control.Follow(cmd.Context(), c.socket(), func(a control.Answer) {
				switch {
				case a.Reload == nil && c.asJSON:
				case a.Reload == nil:
					fmt.Fprintf(out, "generation %d, watching: %s\n", a.Status.Generation, a.Status.Watch)
				case a.Reload.Result == host.ReloadUnchanged && len(a.Reload.Files) == 0:
				case c.asJSON:
					_ = json.NewEncoder(out).Encode(a.Reload)
				default:
					fmt.Fprint(out, a.Reload.Text(color))
				}
			})
		},
	}
}

func (c *reloadClient) whyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "why MODULE",
		Short: "Show which files led to a module being loaded",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.ask(cmd, control.Request{Command: "why", Module: args[0]})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if c.asJSON {
				printJSON(out, a.Why)
				return nil
			}
			services := make([]string, 0, len(a.Why))
			for s := range a.Why {
				services = append(services, s)
			}
			sort.Strings(services)
			for _, s := range services {
				fmt.Fprintln(out, s)
				printImporters(out, a.Why[s], 1)
			}
			if len(services) == 0 {
				fmt.Fprintf(out, "no service has loaded %s\n", args[0])
				return exitUnchanged
			}
			return nil
		},
	}
}

func printImporters(w io.Writer, i host.Importers, depth int) {
	fmt.Fprintf(w, "%s%s (%s)\n", strings.Repeat("  ", depth), i.Module, i.File)
	for _, by := range i.By {
		printImporters(w, by, depth+1)
	}
}
