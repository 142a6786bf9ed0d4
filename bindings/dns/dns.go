// Package dns implements skynet.dns.core: names looked up by a name server of the script's choice.
package dns

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
)

// Modules returns the module.
func Modules() []host.Module {
	return module.New("skynet.dns.core", "Looks up names, for skynet.dns.").
		Func("lookup(server, name, ipv6?) -> addresses", lookup,
			"Waits for the addresses of a host, which are at least one.",
			`server: "host:port" of the name server; the system's when it is empty`).
		Modules()
}

// patience is how long a look-up may take.
const patience = 15 * time.Second

// lookup asks by way of the Go library's resolver: it reads the system's file of hosts first, and the system's settings for
// the rest.
func lookup(ctx context.Context, s *host.Service, server, name string, ipv6 bool) ([]string, error) {
	if s.Host().Sandboxed() {
		return nil, errors.New("refused in the sandbox")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r := &net.Resolver{PreferGo: true}
	if server != "" {
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server)
		}
	}
	network := "ip4"
	if ipv6 {
		network = "ip6"
	}
	list, err := r.LookupNetIP(ctx, network, name)
	if err != nil {
		return nil, err
	}
	addresses := make([]string, len(list))
	for i, a := range list {
		addresses[i] = a.Unmap().String()
	}
	return addresses, nil
}
