package websocket

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// autocertOptions ask for certificates by ACME: {hosts = {...}, cache = directory, email = address, directory = URL,
// cafile = file}.
type autocertOptions struct {
	hosts        []string
	cache, email string
	directory    string // of the authority; "" for Let's Encrypt
	caFile       string // trust these certificates when talking to it
}

func setAutocert(o *options, v vm.Value) error {
	t, ok := v.AsTable()
	if !ok {
		return wrong("table", v)
	}
	a := &autocertOptions{}
	var err error
	if a.hosts, err = stringList(t.GetString("hosts")); err != nil || len(a.hosts) == 0 {
		return errors.New("hosts: a list of host names expected")
	}
	if a.cache, ok = t.GetString("cache").AsString(); !ok {
		return errors.New("cache: a directory expected, where certificates are kept")
	}
	for name, at := range map[string]*string{"email": &a.email, "directory": &a.directory, "cafile": &a.caFile} {
		v := t.GetString(name)
		if *at, ok = v.AsString(); !ok && !v.IsNil() {
			return fmt.Errorf("%s: %w", name, wrong("string", v))
		}
	}
	o.autocert = a
	return nil
}

// mayReadFiles asks for the files that the options name.
func (o *options) mayReadFiles(h *host.Host) error {
	files := []string{o.certFile, o.keyFile, o.caFile}
	if o.autocert != nil && h.Sandboxed() {
		files = append(files, o.autocert.cache)
	}
	for _, f := range files {
		if f != "" {
			if err := h.MayRead(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// serverTLS returns the configuration of a server, or nil when the options name no certificate.
// report is told when a changed certificate file can't be read; the old certificate stays in use.
func (o *options) serverTLS(h *host.Host, report func(error)) (*tls.Config, error) {
	if err := o.mayReadFiles(h); err != nil {
		return nil, err
	}
	switch {
	case o.autocert != nil && o.certFile != "":
		return nil, errors.New("options 'autocert' and 'certfile' exclude each other")
	case o.autocert != nil:
		return o.autocert.serverTLS()
	case o.certFile == "" && o.keyFile == "":
		return nil, nil
	case o.certFile == "" || o.keyFile == "":
		return nil, errors.New("options 'certfile' and 'keyfile' belong together")
	}
	certificates, err := ws.LoadCertificates(o.certFile, o.keyFile, report)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		GetCertificate: certificates.Get,
		NextProtos:     []string{"http/1.1"},
		MinVersion:     tls.VersionTLS12,
	}, nil
}

// serverTLS returns a configuration that gets its certificates by ACME (RFC 8555), proving by TLS (RFC 8737) that the
// hosts are here.
func (a *autocertOptions) serverTLS() (*tls.Config, error) {
	m := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		HostPolicy: autocert.HostWhitelist(a.hosts...),
		Cache:      autocert.DirCache(a.cache),
		Email:      a.email,
		Client:     &acme.Client{DirectoryURL: a.directory},
	}
	if a.caFile != "" {
		roots, err := loadRoots(a.caFile)
		if err != nil {
			return nil, err
		}
		m.Client.HTTPClient = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		}}
	}
	config := m.TLSConfig()
	config.NextProtos = []string{"http/1.1", acme.ALPNProto}
	config.MinVersion = tls.VersionTLS12
	return config, nil
}

func loadRoots(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no certificate in it", file)
	}
	return roots, nil
}

// clientTLS returns the configuration of a client: it verifies the server, unless told not to.
func (o *options) clientTLS(h *host.Host) (*tls.Config, error) {
	if err := o.mayReadFiles(h); err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.insecure}
	if o.caFile != "" {
		var err error
		if config.RootCAs, err = loadRoots(o.caFile); err != nil {
			return nil, err
		}
	}
	return config, nil
}
