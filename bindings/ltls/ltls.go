// Package ltls implements skynet's modules ltls.c and ltls.init.c by crypto/tls: TLS for sockets that a script reads and writes
// itself, as http.tlshelper does.
package ltls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
)

// Modules returns both modules.
func Modules() []host.Module {
	m := module.New("ltls.c", "TLS for sockets that a script reads and writes itself. A client verifies the server's certificate and name.").
		Func("newctx() -> settings", func(*host.Service) *Settings { return &Settings{} }, "Makes settings.").
		Func(`newtls(method: "client"|"server", settings, hostname?) -> tls`, newTLS, "Makes a connection's TLS.",
			"hostname: of the server; a client needs it, unless the settings have insecure")
	module.Type[Settings](m, "settings", "What the connections of a client or a server have in common.").
		Method("set_cert(certificate, key)", (*Settings).setCert, "Reads the own certificate and its key, files in PEM.").
		Method("set_ca(file)", (*Settings).setCA, "Has clients trust the certificates in a file in PEM, besides the system's.").
		Method("insecure()", (*Settings).setInsecure, "Has clients trust any server.")
	module.Type[TLS](m, "tls", "The TLS of a connection.").
		Method("handshake(data?) -> out", (*TLS).handshake, "Goes on with the handshake.", "data: what the peer has sent", "out: what is to be sent to the peer; nil when nothing is").
		Method("finished() -> finished", (*TLS).finished, "Tells whether the handshake is over.").
		Method("read(data?) -> text", (*TLS).read, "Returns what the peer's bytes say.", "data: what the peer has sent").
		Method("write(text?) -> out", (*TLS).write, "Returns what is to be sent to the peer for a text.").
		Method("close()", (*TLS).close, "Ends it.").
		OnClose((*TLS).close)
	nothing := func(*host.Service) {}
	begin := module.New("ltls.init.c", "What prepares OpenSSL in skynet. Here nothing is to be done.").
		Func("constructor()", nothing, "Does nothing.").
		Func("destructor()", nothing, "Does nothing.")
	return append(m.Modules(), begin.Modules()...)
}

// Settings are what a client or a server uses for its connections.
type Settings struct {
	certificates []tls.Certificate
	roots        *x509.CertPool // nil: the system's
	insecure     bool
}

// TLS is the TLS of a connection.
type TLS struct{ s *session }

func (c *Settings) setCert(s *host.Service, certificate, key string) error {
	for _, file := range []string{certificate, key} {
		if err := s.Host().MayRead(file); err != nil {
			return err
		}
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return fmt.Errorf("%s: %w", certificate, err)
	}
	c.certificates = append(c.certificates, pair)
	return nil
}

func (c *Settings) setCA(s *host.Service, file string) error {
	if err := s.Host().MayRead(file); err != nil {
		return err
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if c.roots == nil {
		if c.roots, err = x509.SystemCertPool(); err != nil {
			c.roots = x509.NewCertPool()
		}
	}
	if !c.roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s has no certificate in PEM", file)
	}
	return nil
}

func (c *Settings) setInsecure() { c.insecure = true }

func newTLS(method string, c *Settings, hostname string) (*TLS, error) {
	switch {
	case method == "client" && hostname == "" && !c.insecure:
		return nil, errors.New("a client needs the server's name, to verify it")
	case method == "client":
		return &TLS{start(tls.Client, &tls.Config{
			ServerName: hostname, RootCAs: c.roots, Certificates: c.certificates, InsecureSkipVerify: c.insecure,
		})}, nil
	case method == "server" && len(c.certificates) == 0:
		return nil, errors.New("a server needs a certificate: set_cert")
	case method == "server":
		return &TLS{start(tls.Server, &tls.Config{Certificates: c.certificates})}, nil
	}
	return nil, fmt.Errorf("invalid method: %s", method)
}

func (t *TLS) handshake(data string) (*string, error) {
	err := t.s.digest(data)
	out := t.s.takeOut()
	if err != nil {
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	if out == "" {
		return nil, nil
	}
	return &out, nil
}

func (t *TLS) finished() bool { return t.s.isFinished() }

func (t *TLS) read(data string) (string, error) {
	err := t.s.digest(data)
	if text := t.s.takePlain(); text != "" || err == nil {
		return text, nil // an error comes again
	}
	return "", fmt.Errorf("TLS: %w", err)
}

func (t *TLS) write(text string) (string, error) {
	if !t.s.isFinished() {
		return "", errors.New("TLS: the handshake is not over")
	}
	if text != "" {
		if _, err := t.s.conn.Write([]byte(text)); err != nil {
			return "", fmt.Errorf("TLS: %w", err)
		}
	}
	return t.s.takeOut(), nil
}

func (t *TLS) close() { t.s.close() }
