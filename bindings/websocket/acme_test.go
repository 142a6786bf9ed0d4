package websocket_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// authority is a small ACME server (RFC 8555) for one host. It proves that the host is at address by tls-alpn-01 (RFC 8737),
// and takes signatures on trust.
type authority struct {
	*httptest.Server
	t       *testing.T
	host    string
	address string // where the host is
	key     *ecdsa.PrivateKey
	root    *x509.Certificate

	mu     sync.Mutex
	proven bool
	chain  []byte // what was issued, in PEM
	orders int
}

func newAuthority(t *testing.T, host string) *authority {
	a := &authority{t: t, host: host}
	a.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.root, _ = x509.ParseCertificate(der)
	mux := http.NewServeMux()
	mux.HandleFunc("/directory", a.directory)
	mux.HandleFunc("/nonce", a.reply(http.StatusOK, func([]byte) any { return nil }))
	mux.HandleFunc("/account", a.reply(http.StatusCreated, func([]byte) any { return map[string]any{"status": "valid"} }))
	mux.HandleFunc("/order", a.reply(http.StatusCreated, func([]byte) any { a.orders++; return a.order() }))
	mux.HandleFunc("/order/1", a.reply(http.StatusOK, func([]byte) any { return a.order() }))
	mux.HandleFunc("/authorization", a.reply(http.StatusOK, func([]byte) any { return a.authorization() }))
	mux.HandleFunc("/challenge", a.reply(http.StatusOK, a.prove))
	mux.HandleFunc("/finalize", a.reply(http.StatusOK, a.issue))
	mux.HandleFunc("/certificate", a.reply(http.StatusOK, func([]byte) any { return a.chain }))
	a.Server = httptest.NewTLSServer(mux)
	t.Cleanup(a.Close)
	return a
}

func (a *authority) directory(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(map[string]string{
		"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order",
		"revokeCert": a.URL + "/revoke", "keyChange": a.URL + "/key",
	})
}

// reply answers a signed request with what f makes of its payload.
func (a *authority) reply(status int, f func(payload []byte) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var signed struct{ Payload string }
		_ = json.NewDecoder(r.Body).Decode(&signed)
		payload, _ := base64.RawURLEncoding.DecodeString(signed.Payload)
		a.mu.Lock()
		defer a.mu.Unlock()
		answer := f(payload)
		w.Header().Set("Replay-Nonce", fmt.Sprint(time.Now().UnixNano()))
		w.Header().Set("Location", a.URL+r.URL.Path+"/1")
		if b, ok := answer.([]byte); ok {
			w.Header().Set("Content-Type", "application/pem-certificate-chain")
			_, _ = w.Write(b)
			return
		}
		w.WriteHeader(status)
		if answer != nil {
			_ = json.NewEncoder(w).Encode(answer)
		}
	}
}

func (a *authority) order() any {
	order := map[string]any{
		"status": "pending", "authorizations": []string{a.URL + "/authorization"}, "finalize": a.URL + "/finalize",
		"identifiers": []any{a.identifier()},
	}
	switch {
	case a.chain != nil:
		order["status"], order["certificate"] = "valid", a.URL+"/certificate"
	case a.proven:
		order["status"] = "ready"
	}
	return order
}

func (a *authority) identifier() any { return map[string]string{"type": "dns", "value": a.host} }

func (a *authority) status() string {
	if a.proven {
		return "valid"
	}
	return "pending"
}

func (a *authority) authorization() any {
	return map[string]any{"status": a.status(), "identifier": a.identifier(), "challenges": []any{a.challenge()}}
}

func (a *authority) challenge() any {
	return map[string]string{"type": "tls-alpn-01", "url": a.URL + "/challenge", "token": "token", "status": a.status()}
}

// prove looks for the host, as section 3 of RFC 8737 says.
func (a *authority) prove(payload []byte) any {
	if len(payload) == 0 { // a question only
		return a.challenge()
	}
	conn, err := tls.Dial("tcp", a.address, &tls.Config{ServerName: a.host, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true})
	if err != nil {
		a.t.Error(err)
		return a.challenge()
	}
	defer conn.Close()
	state := conn.ConnectionState()
	acmeIdentifier := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 31}
	for _, e := range state.PeerCertificates[0].Extensions {
		if e.Id.Equal(acmeIdentifier) && e.Critical && state.NegotiatedProtocol == "acme-tls/1" {
			a.proven = slices.Equal(state.PeerCertificates[0].DNSNames, []string{a.host})
		}
	}
	return a.challenge()
}

func (a *authority) issue(payload []byte) any {
	var request struct{ CSR string }
	_ = json.Unmarshal(payload, &request)
	der, _ := base64.RawURLEncoding.DecodeString(request.CSR)
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil || !a.proven {
		a.t.Errorf("finalize: %v, proven %v", err, a.proven)
		return a.order()
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: csr.Subject, DNSNames: csr.DNSNames, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(90 * 24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	leaf, err := x509.CreateCertificate(rand.Reader, template, a.root, csr.PublicKey, a.key)
	if err != nil {
		a.t.Error(err)
	}
	for _, der := range [][]byte{leaf, a.root.Raw} {
		a.chain = append(a.chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return a.order()
}

// TestAutocert gets a certificate from an authority, serves with it, and keeps it for the next start.
func TestAutocert(t *testing.T) {
	const host = "chat.example.com"
	a := newAuthority(t, host)
	dir := t.TempDir()
	write(t, dir+"/ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})))
	roots := x509.NewCertPool()
	roots.AddCert(a.root)
	for range 2 {
		r := newRig(t)
		a.mu.Lock()
		a.address = r.listen(echo + fmt.Sprintf(`options.autocert = { hosts = { %q }, cache = %q, directory = %q, cafile = %q }`,
			host, dir+"/cache", a.URL+"/directory", dir+"/ca.pem"))
		address := a.address
		a.mu.Unlock()
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: host}}
		t.Cleanup(transport.CloseIdleConnections)
		ctx := timeout(t)
		conn, _, err := websocket.Dial(ctx, "wss://"+address, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
		if err != nil {
			t.Fatalf("%v\n%s", err, r.Log.String())
		}
		c := &client{conn, t, ctx}
		c.send("hello")
		c.expect("hello")
		_ = conn.Close(1000, "")
		_, err = tls.Dial("tcp", address, &tls.Config{ServerName: "other.example.com", InsecureSkipVerify: true})
		if err == nil {
			t.Error("a host that is not in the list got a certificate")
		}
		r.Close()
	}
	if a.orders != 1 {
		t.Errorf("%d orders, want 1: the cache was not used", a.orders)
	}
}
