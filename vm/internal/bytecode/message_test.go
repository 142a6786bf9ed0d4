package bytecode

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write C Lua's messages to testdata/messages.txt")

const messagesFile = "testdata/messages.txt"

// messageOf returns the text of a compiler's error, or "" without one.
func messageOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var syntaxError *SyntaxError
	if !errors.As(err, &syntaxError) {
		t.Fatalf("%T is not a *SyntaxError: %v", err, err)
	}
	return syntaxError.Message
}

// readMessages returns the sources of the golden file, and the message that each gives: "" if it is legal.
// A line is the source and the message, both quoted.
func readMessages(t *testing.T) (sources []snippet, messages []string) {
	t.Helper()
	data, err := os.ReadFile(messagesFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		source, message, err := parseMessage(line)
		if err != nil {
			t.Fatalf("%s: %v in %s", messagesFile, err, line)
		}
		sources = append(sources, snippet{name: "=x", source: source})
		messages = append(messages, message)
	}
	return sources, messages
}

func parseMessage(line string) (source, message string, err error) {
	quoted, err := strconv.QuotedPrefix(line)
	if err != nil {
		return "", "", err
	}
	if source, err = strconv.Unquote(quoted); err != nil {
		return "", "", err
	}
	if quoted = strings.TrimSpace(line[len(quoted):]); quoted != "" {
		message, err = strconv.Unquote(quoted)
	}
	return source, message, err
}

func TestMessages(t *testing.T) {
	sources, messages := readMessages(t)
	if *update {
		writeMessages(t, sources)
		return
	}
	for i, s := range sources {
		_, err := Compile(s.source, s.name)
		if got := messageOf(t, err); got != messages[i] {
			t.Errorf("%q\n got %q\nwant %q", s.source, got, messages[i])
		}
	}
}

func TestMessagesAreCLuas(t *testing.T) {
	sources, messages := readMessages(t)
	for i, v := range cLua(t, sources) {
		if messages[i] != v.message {
			t.Errorf("%q: %s has %q, C Lua %q", sources[i].source, messagesFile, messages[i], v.message)
		}
	}
}

func writeMessages(t *testing.T, sources []snippet) {
	var text strings.Builder
	for i, v := range cLua(t, sources) {
		fmt.Fprintf(&text, "%q\t%q\n", sources[i].source, v.message)
	}
	if err := os.WriteFile(messagesFile, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
