package websocket

import (
	"net/http"
	"slices"
	"strings"

	"github.com/luahost/luahost/vm"
)

// request is what is kept of the opening handshake. The header is one string, because there is one for each
// connection and few are ever read: "name: value" lines, names in lower case.
type request struct {
	url    string
	header string
}

func requestOf(r *http.Request) request {
	var b strings.Builder
	size := len(r.Host) + 8
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + 3
		}
	}
	b.Grow(size)
	line := func(name, value string) {
		b.WriteString(name)
		b.WriteString(": ")
		b.WriteString(value)
		b.WriteByte('\n')
	}
	if r.Host != "" {
		line("host", r.Host)
	}
	names := make([]string, 0, 16)
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		lower := strings.ToLower(name)
		for _, v := range r.Header[name] {
			line(lower, v)
		}
	}
	return request{url: r.RequestURI, header: b.String()}
}

// lines calls f for each line until it returns false.
func (r request) lines(f func(name, value string) bool) {
	for rest := r.header; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		name, value, _ := strings.Cut(line, ": ")
		if !f(name, value) {
			return
		}
	}
}

func (r request) get(name string) (value string) {
	r.lines(func(n, v string) bool {
		if n == name {
			value = v
		}
		return n != name
	})
	return value
}

// table returns the header as scripts get it: by lower-case names; a repeated header has a list.
func (r request) table(s *vm.State) vm.Value {
	t := s.NewTable(0, 8)
	r.lines(func(name, value string) bool {
		v := s.NewString(value)
		switch old := t.GetString(name); {
		case old.IsNil():
			t.SetString(name, v)
		default:
			list, ok := old.AsTable()
			if !ok {
				list = s.NewList(old)
				t.SetString(name, list.Value())
			}
			list.SetInt(list.Len()+1, v)
		}
		return true
	})
	return t.Value()
}
