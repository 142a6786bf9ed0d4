package ws

import (
	"strconv"
	"strings"
)

// maxWindow is the window of deflate in bits, and what a client gets that asks for none. Whoever asks must be answered with a
// window as large or smaller (RFC 7692, section 7.1.2.1). gws never names the largest one: so it is one less for 15.
const (
	maxWindow   = 15
	askedWindow = maxWindow - 1
)

// negotiate takes the first offer of permessage-deflate that we can accept (RFC 7692, sections 5.1 and 7.1), and
// returns the bits of the server's window; 0 when there is none.
func negotiate(extensions []string) int {
	for _, line := range extensions {
		for offer := range strings.SplitSeq(line, ",") {
			if window := acceptOffer(offer); window > 0 {
				return window
			}
		}
	}
	return 0
}

func acceptOffer(offer string) int {
	name, rest, more := strings.Cut(offer, ";")
	if strings.TrimSpace(name) != "permessage-deflate" {
		return 0
	}
	window := maxWindow
	seen := map[string]bool{}
	for more {
		var parameter string
		parameter, rest, more = strings.Cut(rest, ";")
		key, value, valued := strings.Cut(strings.TrimSpace(parameter), "=")
		key, value = strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"`)
		if seen[key] {
			return 0
		}
		seen[key] = true
		switch key {
		case "server_no_context_takeover", "client_no_context_takeover":
			if valued {
				return 0
			}
		case "client_max_window_bits":
			if valued && windowBits(value) == 0 {
				return 0
			}
		case "server_max_window_bits":
			if window = min(windowBits(value), askedWindow); window == 0 {
				return 0
			}
		default:
			return 0
		}
	}
	return window
}

// windowBits returns 8 to 15, or 0 for anything else.
func windowBits(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 8 || n > maxWindow || strconv.Itoa(n) != s {
		return 0
	}
	return n
}
