package lib

import (
	"strconv"
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
		return strconv.AppendInt(b, int64(floorDiv(t.Year(), 100)), 10)
	case 'd':
		return appendPadded(b, t.Day(), 2, '0')
	case 'D', 'x':
		return appendDates(b, "%m/%d/%y", t)
	case 'e':
		return appendPadded(b, t.Day(), 2, ' ')
	case 'F':
		return appendDates(b, "%Y-%m-%d", t)
	case 'g':
		year, _ := t.ISOWeek()
		return appendPadded(b, floorMod(year, 100), 2, '0')
	case 'G':
		year, _ := t.ISOWeek()
		return strconv.AppendInt(b, int64(year), 10)
	case 'H':
		return appendPadded(b, t.Hour(), 2, '0')
	case 'I':
		return appendPadded(b, (t.Hour()+11)%12+1, 2, '0')
	case 'j':
		return appendPadded(b, t.YearDay(), 3, '0')
	case 'm':
		return appendPadded(b, int(t.Month()), 2, '0')
	case 'M':
		return appendPadded(b, t.Minute(), 2, '0')
	case 'n':
		return append(b, '\n')
	case 'p':
		return t.AppendFormat(b, "PM")
	case 'r':
		return appendDates(b, "%I:%M:%S %p", t)
	case 'R':
		return appendDates(b, "%H:%M", t)
	case 'S':
		return appendPadded(b, t.Second(), 2, '0')
	case 't':
		return append(b, '\t')
	case 'T', 'X':
		return appendDates(b, "%H:%M:%S", t)
	case 'u':
		return strconv.AppendInt(b, int64((int(t.Weekday())+6)%7+1), 10)
	case 'U':
		return appendPadded(b, (t.YearDay()+6-int(t.Weekday()))/7, 2, '0')
	case 'V':
		_, week := t.ISOWeek()
		return appendPadded(b, week, 2, '0')
	case 'w':
		return strconv.AppendInt(b, int64(int(t.Weekday())), 10)
	case 'W':
		return appendPadded(b, (t.YearDay()+6-(int(t.Weekday())+6)%7)/7, 2, '0')
	case 'y':
		return appendPadded(b, floorMod(t.Year(), 100), 2, '0')
	case 'Y':
		return strconv.AppendInt(b, int64(t.Year()), 10)
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

// appendPadded appends a number that is not negative.
func appendPadded(b []byte, n, width int, fill byte) []byte {
	for limit := 10; width > 1; width, limit = width-1, limit*10 {
		if n < limit {
			b = append(b, fill)
		}
	}
	return strconv.AppendInt(b, int64(n), 10)
}

func floorDiv(a, b int) int { return (a - floorMod(a, b)) / b }

func floorMod(a, b int) int { return (a%b + b) % b }
