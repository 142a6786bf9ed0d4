package websocket

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"golang.org/x/crypto/acme/autocert"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// autocertOptions ask for certificates by ACME: {hosts = {...}, cache = directory, email = address}.
type autocertOptions struct {
	hosts        []string
	cache, email string
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
	a.email, _ = t.GetString("email").AsString()
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
		m := &autocert.Manager{
			Prompt:     autocert.AcceptTOS,
			HostPolicy: autocert.HostWhitelist(o.autocert.hosts...),
			Cache:      autocert.DirCache(o.autocert.cache),
			Email:      o.autocert.email,
		}
		config := m.TLSConfig()
		config.NextProtos = []string{"http/1.1", "acme-tls/1"}
		config.MinVersion = tls.VersionTLS12
		return config, nil
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

// clientTLS returns the configuration of a client: it verifies the server, unless told not to.
func (o *options) clientTLS(h *host.Host) (*tls.Config, error) {
	if err := o.mayReadFiles(h); err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.insecure}
	if o.caFile != "" {
		pem, err := os.ReadFile(o.caFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: no certificate in it", o.caFile)
		}
	}
	return config, nil
}
