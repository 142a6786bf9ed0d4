package host

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/luahost/luahost/vm"
)

// Line words the outcome in one line.
func (r *Reload) Line() string {
	took := time.Duration(r.Seconds * float64(time.Second)).Round(time.Millisecond)
	what := r.Reason
	if r.DryRun {
		what = "dry run"
	}
	switch r.Result {
	case ReloadOK:
		verb := fmt.Sprintf("%s gen %d ok", what, r.Generation)
		if r.DryRun {
			verb = what + " ok"
		}
		where := count(r.Services, "service")
		if r.Restarted > 0 {
			where += fmt.Sprintf(" (%d restarted)", r.Restarted)
		}
		return fmt.Sprintf("%s: %s in %s, %v", verb, r.changes(), where, took)
	case ReloadUnchanged:
		if len(r.Files) > 0 {
			return what + ": no code change"
		}
		return what + ": nothing changed"
	case ReloadRolledBack:
		return what + " rolled back: " + r.reason()
	}
	return what + " rejected: " + r.reason()
}

func (r *Reload) reason() string {
	if len(r.Errors) == 0 {
		return "unknown reason"
	}
	return r.Errors[0].String()
}

// changes names what changed: "chat.room (2 functions), chat.user (1 function)".
func (r *Reload) changes() string {
	const most = 4
	var names []string
	for i := range r.Files {
		f := &r.Files[i]
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(r.Files)-most))
			break
		}
		names = append(names, fmt.Sprintf("%s (%s)", f.Module, count(f.changed(), "function")))
	}
	return strings.Join(names, ", ")
}

func (r *Reload) modules() []string {
	names := make([]string, len(r.Files))
	for i := range r.Files {
		names[i] = r.Files[i].Module
	}
	return names
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (e *ReloadError) String() string {
	where := ""
	if e.File != "" {
		where = e.File + ":"
		if e.Line > 0 {
			where += strconv.Itoa(e.Line) + ":"
		}
		where += " "
	}
	return where + e.Message
}

// Text is the report for people: the line, the errors with their source, and what needs attention.
func (r *Reload) Text(color bool) string {
	var b strings.Builder
	paint := func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	switch r.Result {
	case ReloadOK:
		b.WriteString(paint("32", r.Line()))
	case ReloadUnchanged:
		b.WriteString(r.Line())
	default:
		b.WriteString(paint("31", r.Line()))
	}
	b.WriteByte('\n')
	if r.Cause != "" {
		b.WriteString("  because " + r.Cause + "\n")
	}
	for i := range r.Errors {
		if i > 0 {
			b.WriteString("  also: " + r.Errors[i].String() + "\n")
		}
		r.Errors[i].writeSource(&b)
	}
	for _, list := range []struct {
		name  string
		lines []string
	}{{"warning", r.Warnings}, {"conflict", r.Conflicts}, {"stuck", r.Stuck}, {"needs restart", r.Advice}} {
		for _, text := range list.lines {
			b.WriteString("  " + paint("33", list.name+": ") + text + "\n")
		}
	}
	return b.String()
}

// writeSource shows the line of an error, with a caret below the place.
func (e *ReloadError) writeSource(b *strings.Builder) {
	if e.Source == "" {
		return
	}
	number := fmt.Sprintf("%5d | ", e.Line)
	text, before := excerpt(e.Source, e.Column-1)
	b.WriteString(number + text + "\n" + strings.Repeat(" ", len(number)+before) + "^\n")
}

// excerpt returns the part of a line around a position, as a terminal can show it, and how many characters stand before
// the position.
func excerpt(line string, at int) (text string, before int) {
	const most = 100
	at = min(max(at, 0), len(line))
	from := 0
	if at > most {
		from = at - most/2
	}
	to := min(len(line), from+most+most/2)
	show := func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}
	left, right := strings.Map(show, line[from:at]), strings.Map(show, line[at:to])
	if from > 0 {
		left = "..." + left
	}
	if to < len(line) {
		right += "..."
	}
	return left + right, utf8.RuneCountInString(left)
}

var positionPattern = regexp.MustCompile(`^(.+?):(\d+)(?:@g\d+)?(?::|$)`)

// splitPosition returns the file and line at the beginning of a message; 0 when there is none.
func splitPosition(text string) (file string, line int) {
	m := positionPattern.FindStringSubmatch(text)
	if m == nil {
		return "", 0
	}
	line, _ = strconv.Atoi(m[2])
	return m[1], line
}

// placed returns the line of an error's text that tells the place: of "error loading module 'n' from file 'n.lua':" the next.
func placed(text string) string {
	first, rest, _ := strings.Cut(text, "\n")
	if strings.HasPrefix(first, "error loading module ") {
		if second := strings.TrimSpace(firstLine(rest)); second != "" {
			return second
		}
	}
	return strings.TrimSuffix(first, ":")
}

// syntaxError makes a report's entry of a compiler's error.
func syntaxError(err error, path, text string) ReloadError {
	message := err.Error()
	var e *vm.Error
	if errors.As(err, &e) {
		message = e.Error()
	}
	message = firstLine(message)
	file, line := splitPosition(message)
	r := ReloadError{File: path, Line: line, Message: message}
	if line > 0 {
		r.Message = strings.TrimSpace(message[len(file)+len(strconv.Itoa(line))+2:])
	}
	r.locate(text)
	return r
}

// quote adds the source line to an error of code that is about to be loaded.
func (op *operation) quote(e *ReloadError) {
	if v := op.versions[e.File]; v != nil {
		e.locate(v.text)
	} else if e.File != "" {
		if text, err := op.host.code.disk.read(e.File); err == nil {
			e.locate(text)
		}
	}
}

var nearPattern = regexp.MustCompile(`near '?(.+?)'?$|(?:local|global|field|method|upvalue) '([^']+)'|global '([^']+)'`)

// locate takes the line of the error from the text, and guesses the column from the name that the message tells.
func (e *ReloadError) locate(text string) {
	lines := strings.Split(text, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		return
	}
	e.Source = strings.TrimRight(lines[e.Line-1], "\r")
	e.Column = len(e.Source) - len(strings.TrimLeft(e.Source, " \t")) + 1
	m := nearPattern.FindStringSubmatch(e.Message)
	if m == nil {
		return
	}
	for _, name := range m[1:] {
		if name == "<eof>" {
			e.Column = len(e.Source) + 1
		} else if i := strings.LastIndex(e.Source, name); name != "" && i >= 0 {
			e.Column = i + 1
		}
	}
}

// lineDiff shows the lines in which two texts differ, in the form of diff -U2.
func lineDiff(old, new string) string {
	a, b := strings.Split(old, "\n"), strings.Split(new, "\n")
	first := 0
	for first < len(a) && first < len(b) && a[first] == b[first] {
		first++
	}
	endA, endB := len(a), len(b)
	for endA > first && endB > first && a[endA-1] == b[endB-1] {
		endA--
		endB--
	}
	if first == endA && first == endB {
		return ""
	}
	var out strings.Builder
	const context, longest = 2, 2000
	from := max(0, first-context)
	toA := min(len(a), endA+context)
	fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n", from+1, toA-from, from+1, toA-from+(endB-endA))
	for _, l := range a[from:first] {
		out.WriteString(" " + l + "\n")
	}
	if (endA-first)*(endB-first) > longest*longest {
		fmt.Fprintf(&out, "-(%d lines)\n+(%d lines)\n", endA-first, endB-first)
	} else {
		writeDiff(&out, a[first:endA], b[first:endB])
	}
	for _, l := range a[endA:toA] {
		out.WriteString(" " + l + "\n")
	}
	return out.String()
}

// writeDiff writes the lines of a and b around a longest common subsequence.
func writeDiff(out *strings.Builder, a, b []string) {
	length := make([][]int32, len(a)+1)
	for i := range length {
		length[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out.WriteString(" " + a[i] + "\n")
			i++
			j++
		case j == len(b) || i < len(a) && length[i+1][j] >= length[i][j+1]:
			out.WriteString("-" + a[i] + "\n")
			i++
		default:
			out.WriteString("+" + b[j] + "\n")
			j++
		}
	}
}
