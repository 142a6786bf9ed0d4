package websocket_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// certificate writes a self-signed certificate for 127.0.0.1 and its key.
func certificate(t *testing.T, dir, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = dir+"/cert.pem", dir+"/key.pem"
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	return certFile, keyFile
}

func dialTLS(t *testing.T, address string) (*client, string) {
	t.Helper()
	name := ""
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			name = s.PeerCertificates[0].Subject.CommonName
			return nil
		},
	}}
	t.Cleanup(transport.CloseIdleConnections)
	ctx := timeout(t)
	c, _, err := websocket.Dial(ctx, "wss://"+address, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	c.SetReadLimit(8 << 20)
	return &client{c, t, ctx}, name
}

// recording is a connection that keeps what it reads.
type recording struct {
	net.Conn
	bytes []byte
}

func (r *recording) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.bytes = append(r.bytes, b[:n]...)
	return n, err
}

// lastRecord returns the type of the last TLS record (RFC 5246, section 6.2.1).
func (r *recording) lastRecord() (kind byte) {
	for b := r.bytes; len(b) >= 5; b = b[min(len(b), 5+int(b[3])<<8+int(b[4])):] {
		kind = b[0]
	}
	return kind
}

func TestSecureListen(t *testing.T) {
	r := newRig(t)
	dir := t.TempDir()
	certFile, keyFile := certificate(t, dir, "first")
	address := r.listen(echo + fmt.Sprintf(`options.certfile, options.keyfile, options.max_message = %q, %q, 2^22`, certFile, keyFile))
	c, name := dialTLS(t, address)
	if name != "first" {
		t.Errorf("certificate of %q", name)
	}
	for _, size := range []int{0, 100, 20000, 1 << 20, 4 << 20} {
		message := strings.Repeat("x", size)
		c.send(message)
		c.expect(message)
	}
	if err := c.Close(4000, "bye"); err != nil {
		t.Error(err)
	}

	// The last that comes is TLS's own farewell: nobody can have cut the connection.
	heard := &recording{Conn: raw(t, address)}
	end := tls.Client(heard, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}) // later ones hide what a record is
	if _, err := io.WriteString(end, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+closing(1000, "")); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(end); err != nil || !strings.HasSuffix(string(b), "\x88\x02\x03\xe8") {
		t.Errorf("got %q, %v", b, err)
	}
	const alert = 21
	if kind := heard.lastRecord(); kind != alert {
		t.Errorf("the last record is of type %d, want %d", kind, alert)
	}

	// A client in Lua verifies the server, unless told otherwise.
	r.Start(fmt.Sprintf(`skynet.start(function()
	report(pcall(websocket.connect, "wss://%[1]s"))
	for _, options in ipairs { { cafile = %[2]q }, { insecure = true } } do
		local id = websocket.connect("wss://%[1]s", nil, nil, options)
		websocket.write(id, "secret")
		report(websocket.read(id))
		websocket.close(id)
	end
end)`, address, certFile))
	if got := r.Next(); !strings.HasPrefix(got, "false") || !strings.Contains(got, "certificate") {
		t.Error(got)
	}
	r.Expect(`"secret" "text"`, `"secret" "text"`)

	// New files are picked up; broken ones are reported, and the certificate stays.
	time.Sleep(1100 * time.Millisecond)
	certificate(t, dir, "second")
	if _, name := dialTLS(t, address); name != "second" {
		t.Errorf("the new certificate was not picked up, but %q", name)
	}
	time.Sleep(1100 * time.Millisecond)
	write(t, certFile, "broken")
	if _, name := dialTLS(t, address); name != "second" {
		t.Errorf("a broken file led to %q", name)
	}
	r.Logged("certificate: tls:")
}

func TestSecureAccept(t *testing.T) {
	r := newRig(t)
	certFile, keyFile := certificate(t, t.TempDir(), "accept")
	address := r.accepting(fmt.Sprintf(`
protocol, options = "wss", { certfile = %q, keyfile = %q }
function handle.message(id, message) websocket.write(id, message) end`, certFile, keyFile))
	c, name := dialTLS(t, address)
	if name != "accept" {
		t.Errorf("certificate of %q", name)
	}
	c.send("hello")
	c.expect("hello")
	_ = c.Close(1000, "")
	r.Expect(`"accept" true`)
}

func TestCertificateOptions(t *testing.T) {
	r := newRig(t)
	r.Start(`skynet.start(function()
	for _, o in ipairs {
		{ certfile = "x" }, { certfile = "x", keyfile = "y", autocert = { hosts = "h", cache = "c" } },
		{ autocert = {} }, { autocert = { hosts = { "h" } } }, { autocert = true },
	} do report(pcall(websocket.listen, "127.0.0.1:0", {}, o)) end
	report(pcall(websocket.listen, "127.0.0.1:0", {}, { autocert = { hosts = { "h" }, cache = os.tmpname() } }))
end)`)
	for _, want := range []string{"belong together", "exclude each other", "hosts", "cache", "table expected"} {
		if got := r.Next(); !strings.Contains(got, want) {
			t.Errorf("got %s, want %q", got, want)
		}
	}
	if got := r.Next(); !strings.HasPrefix(got, "true") {
		t.Error(got)
	}
}
