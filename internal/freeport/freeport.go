// Package freeport finds ports for tests of programs that must be told one.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Of returns n ports of 127.0.0.1 that nobody listens on at the moment. They are below those that systems give to connections,
// and to listeners that ask for any: one of these could be taken before it is used.
func Of(t testing.TB, n int) (ports []int) {
	t.Helper()
	const first, end, tries = 10000, 30000, 1000
	for range tries {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", first+rand.IntN(end-first)))
		if err != nil {
			continue
		}
		defer l.Close() // at the end: all are different
		if ports = append(ports, l.Addr().(*net.TCPAddr).Port); len(ports) == n {
			return ports
		}
	}
	t.Fatal("no port is free")
	return nil
}
