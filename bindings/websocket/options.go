package websocket

import (
	"fmt"
	"math"
	"time"

	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// options is what the options table of listen, accept and connect says. Times are in hundredths of a second.
type options struct {
	ws.Options
	connections int
	perAddress  int
	certFile    string
	keyFile     string
	autocert    *autocertOptions
	path        string // of the WebSocket, with listen; "" for all
	serve       *vm.Table
	upgrade     *vm.Table // a request that was read already, with accept
	insecure    bool      // connect doesn't verify the server's certificate
	caFile      string    // connect trusts these certificates
}

// field sets an option from a Lua value.
type field func(o *options, v vm.Value) error

// fields are all options. docs/websocket.md lists them; their defaults are in internal/ws/limits.go.
var fields = map[string]field{
	"max_message":       count(func(o *options) *int { return &o.Message }),
	"max_queue":         count(func(o *options) *int { return &o.Queue }),
	"max_header":        count(func(o *options) *int { return &o.Header }),
	"max_connections":   bound(func(o *options) *int { return &o.connections }),
	"max_per_address":   bound(func(o *options) *int { return &o.perAddress }),
	"ping":              span(func(o *options) *time.Duration { return &o.Ping }),
	"pong":              span(func(o *options) *time.Duration { return &o.Pong }),
	"stall":             span(func(o *options) *time.Duration { return &o.Stall }),
	"write_timeout":     span(func(o *options) *time.Duration { return &o.WriteTimeout }),
	"handshake_timeout": span(func(o *options) *time.Duration { return &o.Handshake }),
	"close_timeout":     span(func(o *options) *time.Duration { return &o.Closing }),
	"origins":           texts(func(o *options) *[]string { return &o.Origins }),
	"subprotocols":      texts(func(o *options) *[]string { return &o.Subprotocols }),
	"compression":       setCompression,
	"certfile":          text(func(o *options) *string { return &o.certFile }),
	"keyfile":           text(func(o *options) *string { return &o.keyFile }),
	"cafile":            text(func(o *options) *string { return &o.caFile }),
	"insecure":          flag(func(o *options) *bool { return &o.insecure }),
	"autocert":          setAutocert,
	"path":              text(func(o *options) *string { return &o.path }),
	"serve":             table(func(o *options) **vm.Table { return &o.serve }),
	"upgrade":           table(func(o *options) **vm.Table { return &o.upgrade }),
}

// parseOptions reads argument i, a table or nil.
func parseOptions(c *vm.Call, i int) (*options, error) {
	o := &options{}
	if c.Arg(i).IsNil() {
		return o, nil
	}
	t := c.CheckTable(i)
	for k, v, err := t.Next(vm.Nil()); !k.IsNil(); k, v, err = t.Next(k) {
		if err != nil {
			return nil, err
		}
		name, _ := k.AsString()
		set := fields[name]
		if set == nil {
			return nil, c.ArgError(i, fmt.Sprintf("unknown option '%s'", vm.Text(k)))
		}
		if err := set(o, v); err != nil {
			return nil, c.ArgError(i, fmt.Sprintf("option '%s': %v", name, err))
		}
	}
	return o, nil
}

func wrong(expected string, v vm.Value) error {
	return fmt.Errorf("%s expected, got %s", expected, v.Kind())
}

// count is a whole number from 1 on.
func count(at func(*options) *int) field {
	return func(o *options, v vm.Value) error {
		f, ok := v.AsNumber()
		if !ok {
			return wrong("number", v)
		}
		if f < 1 || f > math.MaxInt32 || f != math.Trunc(f) {
			return fmt.Errorf("%v: a whole number from 1 to 2^31-1 expected", f)
		}
		*at(o) = int(f)
		return nil
	}
}

// bound is count, or false for no bound.
func bound(at func(*options) *int) field {
	set := count(at)
	return func(o *options, v vm.Value) error {
		if b, ok := v.AsBool(); ok && !b {
			*at(o) = -1
			return nil
		}
		return set(o, v)
	}
}

// span is a time in hundredths of a second, or false for none.
func span(at func(*options) *time.Duration) field {
	return func(o *options, v vm.Value) error {
		if b, ok := v.AsBool(); ok && !b {
			*at(o) = -1
			return nil
		}
		f, ok := v.AsNumber()
		if !ok {
			return wrong("number", v)
		}
		if !(f > 0 && f < 1e9) {
			return fmt.Errorf("%v: a time in hundredths of a second expected", f)
		}
		*at(o) = time.Duration(f * float64(10*time.Millisecond))
		return nil
	}
}

func text(at func(*options) *string) field {
	return func(o *options, v vm.Value) error {
		s, ok := v.AsString()
		if !ok {
			return wrong("string", v)
		}
		*at(o) = s
		return nil
	}
}

func flag(at func(*options) *bool) field {
	return func(o *options, v vm.Value) error {
		b, ok := v.AsBool()
		if !ok {
			return wrong("boolean", v)
		}
		*at(o) = b
		return nil
	}
}

// texts is a string, or a list of strings.
func texts(at func(*options) *[]string) field {
	return func(o *options, v vm.Value) error {
		list, err := stringList(v)
		*at(o) = list
		return err
	}
}

func stringList(v vm.Value) ([]string, error) {
	if s, ok := v.AsString(); ok {
		return []string{s}, nil
	}
	t, ok := v.AsTable()
	if !ok {
		return nil, wrong("list of strings", v)
	}
	var list []string
	for i := 1; i <= t.Len(); i++ {
		s, ok := t.GetInt(i).AsString()
		if !ok {
			return nil, wrong("list of strings", t.GetInt(i))
		}
		list = append(list, s)
	}
	return list, nil
}

func table(at func(*options) **vm.Table) field {
	return func(o *options, v vm.Value) error {
		t, ok := v.AsTable()
		if !ok {
			return wrong("table", v)
		}
		*at(o) = t
		return nil
	}
}

// setCompression takes true, false, or {level = 1 to 9, threshold = bytes}.
func setCompression(o *options, v vm.Value) error {
	if b, ok := v.AsBool(); ok {
		o.Compression = b
		return nil
	}
	t, ok := v.AsTable()
	if !ok {
		return wrong("boolean or table", v)
	}
	o.Compression = true
	for name, at := range map[string]*int{"level": &o.Level, "threshold": &o.Threshold} {
		if v := t.GetString(name); !v.IsNil() {
			if err := count(func(*options) *int { return at })(o, v); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}
