package ws

import (
	"crypto/tls"
	"os"
	"sync"
	"time"
)

// Certificates is a certificate in files, read again when they have changed.
type Certificates struct {
	certFile, keyFile string
	report            func(error)

	mu      sync.Mutex
	current *tls.Certificate
	stamp   [2]fileStamp
	looked  time.Time
}

type fileStamp struct {
	time time.Time
	size int64
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = time.Second

// LoadCertificates reads a certificate chain and its key, in PEM. report is told when changed files can't be used:
// then the certificate that was read before stays in use.
func LoadCertificates(certFile, keyFile string, report func(error)) (*Certificates, error) {
	c := &Certificates{certFile: certFile, keyFile: keyFile, report: report}
	return c, c.load()
}

// Get is for tls.Config.GetCertificate.
func (c *Certificates) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) >= lookEvery && c.stamps() != c.stamp {
		if err := c.load(); err != nil && c.report != nil {
			c.report(err)
		}
	}
	return c.current, nil
}

func (c *Certificates) stamps() (s [2]fileStamp) {
	c.looked = time.Now()
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			s[i] = fileStamp{info.ModTime(), info.Size()}
		}
	}
	return s
}

func (c *Certificates) load() error {
	c.stamp = c.stamps()
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.current = &pair
	return nil
}
