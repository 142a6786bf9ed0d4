// Package time implements the Lua module time: the clock, and times as text.
package time

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // names of time zones work on every machine

	"github.com/ncruces/go-strftime"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
)

const doc = `The clock, and times as text. A time is a number: the seconds since 1970-01-01 UTC, to the microsecond.

A layout is "rfc3339" (2006-01-02T15:04:05Z, the default), "rfc3339ms" (with milliseconds), "http" (Mon, 02 Jan 2006
15:04:05 GMT), or a pattern of C's strftime: "%Y-%m-%d %H:%M:%S".

A zone is "UTC" (the default), "local" for that of the machine, a name of the IANA time zone database ("Europe/Berlin"),
or an offset ("+02:00").`

// Modules returns the module time.
func Modules() []host.Module {
	m := module.New("time", doc).
		Func("now() -> t", now, "Returns the time.").
		Func("monotonic() -> seconds", monotonic, "Returns the seconds since the host was started. They never go back, whatever is done to the clock.").
		Func("format(t?, layout?, zone?) -> text", format, "Returns a time as text.", "t: now when it is absent").
		Func("parse(text, layout?, zone?) -> t, err", module.ReturnErrors(parse),
			"Returns the time of a text, or nil and a message.", "zone: of texts that don't tell theirs").
		FilesFirst()
	return m.Modules()
}

func now(s *host.Service) float64 { return module.Seconds(s.Host().Clock().Now()) }

func monotonic(s *host.Service) float64 {
	return s.Host().Clock().Now().Sub(s.Host().StartTime()).Seconds()
}

// layouts are the layouts that have a name.
var layouts = map[string]string{
	"":          time.RFC3339,
	"rfc3339":   time.RFC3339,
	"rfc3339ms": "2006-01-02T15:04:05.000Z07:00",
	"http":      "Mon, 02 Jan 2006 15:04:05 GMT",
}

func format(s *host.Service, t *time.Time, layout, zone string) (string, error) {
	at := s.Host().Clock().Now()
	if t != nil {
		at = *t
	}
	location, err := location(zone)
	if err != nil {
		return "", module.ArgError(3, "%v", err)
	}
	if at = at.In(location); at.Year() < 0 || at.Year() > 9999 {
		return "", module.ArgError(1, "the year %d has no text", at.Year())
	}
	switch known, ok := layouts[layout]; {
	case layout == "http":
		return at.UTC().Format(known), nil
	case ok:
		return at.Format(known), nil
	case !strings.Contains(layout, "%"):
		return "", module.ArgError(2, "unknown layout '%s'", layout)
	}
	return strftime.Format(layout, at), nil
}

func parse(text, layout, zone string) (time.Time, error) {
	location, err := location(zone)
	if err != nil {
		return time.Time{}, module.ArgError(3, "%v", err)
	}
	known, ok := layouts[layout]
	if !ok {
		if !strings.Contains(layout, "%") {
			return time.Time{}, module.ArgError(2, "unknown layout '%s'", layout)
		}
		if known, err = strftime.Layout(layout); err != nil {
			return time.Time{}, module.ArgError(2, "no time can be read by it: %v", err)
		}
	}
	t, err := time.ParseInLocation(known, text, location)
	if err != nil {
		return time.Time{}, fmt.Errorf("'%s' is no time of this layout", text)
	}
	return t, nil
}

func location(zone string) (*time.Location, error) {
	switch {
	case zone == "" || zone == "UTC":
		return time.UTC, nil
	case zone == "local":
		return time.Local, nil
	case zone[0] == '+' || zone[0] == '-':
		t, err := time.Parse("-07:00", zone)
		if err != nil {
			return nil, fmt.Errorf("'%s' is no offset", zone)
		}
		return t.Location(), nil
	}
	l, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("unknown time zone '%s'", zone)
	}
	return l, nil
}
