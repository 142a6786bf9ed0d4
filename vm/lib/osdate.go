package lib

import (
	"fmt"
	"strings"
	"time"
)

// The conversions of C99's strftime, alone and after the modifiers E and O (which change nothing in the C locale).
const (
	dateLetters  = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%"
	dateLettersE = "cCxXyY"
	dateLettersO = "deHImMSuUVwWy"
)

// formatDate writes a time as strftime does in the C locale. What begins with a conversion that there isn't is
// returned as the text, and ok is false.
func formatDate(format string, t time.Time) (text []byte, ok bool) {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			text = append(text, format[i])
			continue
		}
		conversion := format[i+1:]
		letters, n := dateLetters, 0
		switch {
		case strings.HasPrefix(conversion, "E"):
			letters, n = dateLettersE, 1
		case strings.HasPrefix(conversion, "O"):
			letters, n = dateLettersO, 1
		}
		if len(conversion) <= n || strings.IndexByte(letters, conversion[n]) < 0 {
			return []byte(conversion), false
		}
		text = appendDate(text, conversion[n], t)
		i += n + 1
	}
	return text, true
}

// appendDate appends one conversion.
func appendDate(b []byte, letter byte, t time.Time) []byte {
	switch letter {
	case 'a':
		return t.AppendFormat(b, "Mon")
	case 'A':
		return t.AppendFormat(b, "Monday")
	case 'b', 'h':
		return t.AppendFormat(b, "Jan")
	case 'B':
		return t.AppendFormat(b, "January")
	case 'c':
		return appendDates(b, "%a %b %e %H:%M:%S %Y", t)
	case 'C':
		return fmt.Appendf(b, "%d", floorDiv(t.Year(), 100))
	case 'd':
		return fmt.Appendf(b, "%02d", t.Day())
	case 'D', 'x':
		return appendDates(b, "%m/%d/%y", t)
	case 'e':
		return fmt.Appendf(b, "%2d", t.Day())
	case 'F':
		return appendDates(b, "%Y-%m-%d", t)
	case 'g':
		year, _ := t.ISOWeek()
		return fmt.Appendf(b, "%02d", floorMod(year, 100))
	case 'G':
		year, _ := t.ISOWeek()
		return fmt.Appendf(b, "%d", year)
	case 'H':
		return fmt.Appendf(b, "%02d", t.Hour())
	case 'I':
		return fmt.Appendf(b, "%02d", (t.Hour()+11)%12+1)
	case 'j':
		return fmt.Appendf(b, "%03d", t.YearDay())
	case 'm':
		return fmt.Appendf(b, "%02d", int(t.Month()))
	case 'M':
		return fmt.Appendf(b, "%02d", t.Minute())
	case 'n':
		return append(b, '\n')
	case 'p':
		return t.AppendFormat(b, "PM")
	case 'r':
		return appendDates(b, "%I:%M:%S %p", t)
	case 'R':
		return appendDates(b, "%H:%M", t)
	case 'S':
		return fmt.Appendf(b, "%02d", t.Second())
	case 't':
		return append(b, '\t')
	case 'T', 'X':
		return appendDates(b, "%H:%M:%S", t)
	case 'u':
		return fmt.Appendf(b, "%d", (int(t.Weekday())+6)%7+1)
	case 'U':
		return fmt.Appendf(b, "%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'V':
		_, week := t.ISOWeek()
		return fmt.Appendf(b, "%02d", week)
	case 'w':
		return fmt.Appendf(b, "%d", int(t.Weekday()))
	case 'W':
		return fmt.Appendf(b, "%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
	case 'y':
		return fmt.Appendf(b, "%02d", floorMod(t.Year(), 100))
	case 'Y':
		return fmt.Appendf(b, "%d", t.Year())
	case 'z':
		return t.AppendFormat(b, "-0700")
	case 'Z':
		if t.Location() == time.UTC {
			return append(b, "GMT"...) // what C's gmtime calls it
		}
		return t.AppendFormat(b, "MST")
	}
	return append(b, letter)
}

func appendDates(b []byte, format string, t time.Time) []byte {
	text, _ := formatDate(format, t)
	return append(b, text...)
}

func floorDiv(a, b int) int { return (a - floorMod(a, b)) / b }

func floorMod(a, b int) int { return (a%b + b) % b }
