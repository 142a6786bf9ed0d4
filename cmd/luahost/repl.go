package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/peterh/liner"

	"github.com/luahost/luahost/vm"
)

// lineReader asks the user for lines of text.
type lineReader interface {
	// Prompt returns a line without its end. The error is io.EOF when there are no more.
	Prompt(prompt string) (string, error)
	AppendHistory(line string)
	Close() error
}

func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull) // a character device that nobody sits at
	return err != nil || !os.SameFile(info, null)
}

func (in *interpreter) lineReader() lineReader {
	if in.stdin == os.Stdin && isTerminal(in.stdin) && liner.TerminalSupported() {
		l := liner.NewLiner()
		l.SetCtrlCAborts(true)
		return l
	}
	return &plainReader{bufio.NewReader(in.stdin), in.stdout}
}

// plainReader reads lines from what is no terminal.
type plainReader struct {
	in  *bufio.Reader
	out io.Writer
}

func (r *plainReader) Prompt(prompt string) (string, error) {
	if _, err := io.WriteString(r.out, prompt); err != nil {
		return "", err
	}
	line, err := r.in.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimSuffix(line, "\n"), err
}

func (r *plainReader) AppendHistory(string) {}

func (r *plainReader) Close() error { return nil }

// converse reads statements from the user, runs them and prints their results, until the end of the input.
func (in *interpreter) converse() error {
	lines := in.lineReader()
	defer lines.Close()
	for {
		f, err := in.readStatement(lines)
		switch {
		case err == liner.ErrPromptAborted:
			continue
		case err == io.EOF:
			_, err := fmt.Fprintln(in.stdout)
			return err
		case err == nil:
			err = in.evaluate(f)
		}
		if code, ok := in.exited(err); ok {
			return code
		}
		if err == nil {
			continue
		}
		if message, ok := in.message(err); ok {
			fmt.Fprintln(in.stderr, message)
		}
	}
}

// readStatement reads lines until they make a whole statement. "= x" is short for "return x".
func (in *interpreter) readStatement(lines lineReader) (vm.Value, error) {
	text, err := in.readLine(lines, "_PROMPT", "> ")
	if err != nil {
		return vm.Nil(), err
	}
	if expression, ok := strings.CutPrefix(text, "="); ok {
		text = "return " + expression
	}
	for {
		f, err := in.state.Load(text, "=stdin", "t", in.state.Globals().Value())
		if err == nil || !strings.HasSuffix(err.Error(), "<eof>") {
			lines.AppendHistory(text)
			return f, err
		}
		line, err := in.readLine(lines, "_PROMPT2", ">> ")
		if err != nil {
			return vm.Nil(), err
		}
		text += "\n" + line
	}
}

// readLine prompts by a global variable, or by what is usual.
func (in *interpreter) readLine(lines lineReader, variable, usual string) (string, error) {
	if err := in.libraries.Flush(); err != nil {
		return "", err
	}
	prompt, ok := vm.ToString(in.state.Globals().GetString(variable))
	if !ok {
		prompt = usual
	}
	return lines.Prompt(prompt)
}

// evaluate runs a statement and prints its results by the global function print.
func (in *interpreter) evaluate(f vm.Value) error {
	results, err := in.call(f)
	if err != nil || len(results) == 0 {
		return err
	}
	results = append([]vm.Value(nil), results...)
	if _, err := in.call(in.state.Globals().GetString("print"), results...); err != nil {
		if _, ok := in.exited(err); ok {
			return err
		}
		return fmt.Errorf("error calling 'print' (%s)", err)
	}
	return nil
}
