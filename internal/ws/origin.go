package ws

import (
	"net/url"
	"strings"
)

// AllowOrigin decides whether a page may open a connection (section 10.2). Clients that are no browsers send no Origin,
// and pass. A page of the same host and port passes. Others need an entry in allowed: "https://example.com",
// "example.com" (any scheme), "*.example.com" (its subdomains), or "*" (everybody).
func AllowOrigin(origins []string, host string, allowed []string) bool {
	if len(origins) == 0 {
		return true
	}
	if len(origins) > 1 {
		return false
	}
	for _, a := range allowed {
		if a == "*" {
			return true
		}
	}
	origin, err := url.Parse(origins[0])
	if err != nil || origin.Host == "" || origin.User != nil || origin.Path != "" {
		return false
	}
	if strings.EqualFold(origin.Host, host) {
		return true
	}
	for _, a := range allowed {
		if matchOrigin(origin, a) {
			return true
		}
	}
	return false
}

func matchOrigin(origin *url.URL, pattern string) bool {
	if scheme, rest, ok := strings.Cut(pattern, "://"); ok {
		if !strings.EqualFold(scheme, origin.Scheme) {
			return false
		}
		pattern = rest
	}
	if suffix, ok := strings.CutPrefix(pattern, "*."); ok {
		return len(origin.Host) > len(suffix)+1 && strings.HasSuffix(strings.ToLower(origin.Host), "."+strings.ToLower(suffix))
	}
	return strings.EqualFold(origin.Host, pattern)
}
