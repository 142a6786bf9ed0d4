package lualib_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host/hosttest"
)

// serveNames answers on a UDP port of its own, and returns that: two addresses of each family for host.test, nothing for any other name.
func serveNames(t *testing.T) int {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = c.Close()
		<-done
	})
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if answer, err := answerTo(b[:n]); err != nil {
				t.Errorf("query: %v", err)
			} else if _, err := c.WriteTo(answer, from); err != nil {
				t.Errorf("answer: %v", err)
			}
		}
	}()
	return c.LocalAddr().(*net.UDPAddr).Port
}

func answerTo(query []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	q := m.Questions[0]
	r := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true, RCode: dnsmessage.RCodeNameError},
		Questions: m.Questions,
	}
	if q.Name.String() != "host.test." {
		return r.Pack()
	}
	r.RCode = dnsmessage.RCodeSuccess
	for i := range byte(2) {
		h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}
		switch q.Type {
		case dnsmessage.TypeA:
			r.Answers = append(r.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1 + i}}})
		case dnsmessage.TypeAAAA:
			r.Answers = append(r.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: [16]byte{15: 1 + i}}})
		}
	}
	return r.Pack()
}

func TestDNS(t *testing.T) {
	h := hosttest.New(t, all.Options()...)
	h.Eval(fmt.Sprintf(`dns = require "skynet.dns" port = %d dns.server("127.0.0.1", port)`, serveNames(t)))
	h.Expect(`local a, list = dns.resolve "Host.Test" table.sort(list) return type(a), #list, list[1], list[2]`, "string", 2, "127.0.0.1", "127.0.0.2")
	h.Expect(`local a, list = dns.resolve("host.test", true) table.sort(list) return #list, list[1], list[2]`, 2, "::1", "::2")
	h.ExpectError(`dns.resolve "other.test"`, "lookup other.test")
	h.ExpectError(`dns.resolve "a b"`, "illegal name")
	h.ExpectError(`dns.resolve()`, "illegal name")
	h.Expect(`return (dns.resolve "192.0.2.1")`, "192.0.2.1")
	h.Expect(`return (dns.resolve "localhost")`, "127.0.0.1") // of the file of hosts
	h.Expect(`dns.server("::1", port) return pcall(dns.resolve, "192.0.2.1")`, true, "192.0.2.1", []any{"192.0.2.1"})
	h.Expect(`dns.server() dns.flush() return require "dns" == dns, (dns.resolve "localhost")`, true, "127.0.0.1")
}

// httpc.dns has httpc use it.
func TestHTTPByName(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) }))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	h := hosttest.New(t, all.Options()...)
	h.Eval(fmt.Sprintf(`httpc = require "http.httpc" httpc.dns("127.0.0.1", %d) port = %s`, serveNames(t), port))
	h.ExpectError(`httpc.get("other.test:" .. port, "/")`, "lookup other.test")
	h.Expect(`local status, body = httpc.get("localhost:" .. port, "/") return status, body`, 200, "localhost:"+port)
}
