package lualib_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host/hosttest"
)

// certificate makes one for localhost that signs itself, and returns the files of it and of its key.
func certificate(t *testing.T) (file, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", cert), write("key.pem", "PRIVATE KEY", secret)
}

// serveHTTPS runs Go's server; it returns its port.
func serveHTTPS(t *testing.T, file, key string) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(file, key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("0123456789", 50_000))
		case "/end": // a body that ends with the connection
			w.Header().Set("Connection", "close")
			w.Header().Set("Transfer-Encoding", "identity")
			_, _ = io.WriteString(w, "until the end")
		default:
			fmt.Fprint(w, r.Method, " ", r.URL, " ", string(body))
		}
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that refuse the certificate
	s.StartTLS()
	t.Cleanup(s.Close)
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	return port
}

func TestHTTPS(t *testing.T) {
	file, key := certificate(t)
	h := hosttest.New(t, all.Options()...)
	h.Eval(fmt.Sprintf(`httpc = require "http.httpc" httpc.timeout = 1000 ca = %q server = "https://localhost:%s"`, file, serveHTTPS(t, file, key)))
	h.ExpectError(`httpc.get(server, "/")`, "certificate") // nobody vouches for it
	h.Eval(`httpc.ca = ca`)
	h.Expect(`return httpc.get(server, "/a?b=c")`, 200, "GET /a?b=c ")
	h.Expect(`return httpc.post(server, "/p", { x = "1 2" })`, 200, "POST /p x=1%202")
	h.Expect(`local _, body = httpc.get(server, "/long") return #body, body == ("0123456789"):rep(50000)`, 500000, true)
	h.Expect(`return httpc.get(server, "/end")`, 200, "until the end")
	h.ExpectError(`httpc.get((server:gsub("localhost", "127.0.0.1")), "/")`, "certificate") // not its name
	h.ExpectError(`httpc.ca = "none.pem" httpc.get(server, "/")`, "none.pem")
	// A server that doesn't speak TLS.
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	h.ExpectError(fmt.Sprintf(`httpc.ca = nil httpc.get("https://localhost:%s", "/")`, plain.URL[strings.LastIndex(plain.URL, ":")+1:]), "TLS handshake")
}

// A server in Lua, with Go's client and one in Lua.
func TestTLSServer(t *testing.T) {
	file, key := certificate(t)
	h := hosttest.New(t, all.Options()...)
	h.Eval(fmt.Sprintf(`skynet, socket, tls, httpd = require "skynet", require "skynet.socket", require "http.tlshelper", require "http.httpd"
		ca = %q
		settings = tls.newctx()
		settings:set_cert(ca, %q)
		id, _, port = socket.listen("127.0.0.1", 0)
		socket.start(id, function(fd)
			socket.start(fd)
			local ctx = tls.newtls("server", settings)
			local ok, err = pcall(function()
				tls.init_responsefunc(fd, ctx)()
				local code, url, method, _, body = httpd.read_request(tls.readfunc(fd, ctx))
				httpd.write_response(tls.writefunc(fd, ctx), code, table.concat({ method, url, body }, " "))
			end)
			tls.closefunc(ctx)()
			socket.close(fd)
		end)`, file, key))
	port := h.Eval(`return port`)[0]
	pem, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}, Timeout: time.Minute}
	r, err := client.Post(fmt.Sprintf("https://localhost:%v/x", port), "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, err := io.ReadAll(r.Body); err != nil || string(b) != "POST /x hello" {
		t.Errorf("got %q, %v", b, err)
	}
	h.Expect(`httpc = require "http.httpc" httpc.ca = ca return httpc.get("https://localhost:" .. port, "/y")`, 200, "GET /y ")
	h.ExpectError(`tls.newtls("server", tls.newctx())`, "set_cert")
	h.ExpectError(`tls.newtls("client", tls.newctx())`, "a client needs the server's name")
	h.ExpectError(`tls.newtls("peer", settings, "x")`, "invalid method: peer")
	h.ExpectError(`settings:set_cert("none", "none")`, "none")
	h.ExpectError(`tls.newtls("client", settings, "localhost"):write "early"`, "the handshake is not over")
}
