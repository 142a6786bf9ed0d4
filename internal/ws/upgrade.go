package ws

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/lxzan/gws"
)

// Options are the choices of a server. The zero value is the secure one: pages of the same host only, no compression.
type Options struct {
	Limits
	Origins      []string // besides the server's own host; see AllowOrigin
	Subprotocols []string // that the server speaks
	Compression  bool     // agree to permessage-deflate (RFC 7692), without context takeover
	Level        int      // of compression
	Threshold    int      // bytes from which a message is compressed
}

// Upgrader answers opening handshakes. Make it with NewUpgrader; it may be used by many goroutines.
type Upgrader struct {
	options  Options
	mu       sync.Mutex
	dialects map[dialect]*gws.Upgrader
}

// dialect is what a handshake has agreed on, as far as gws has it in its configuration.
type dialect struct {
	protocol bool
	window   int // bits of the server's window; 0 without compression
}

// NewUpgrader checks the options.
func NewUpgrader(o Options) (*Upgrader, error) {
	var err error
	if o.Limits, err = o.Limits.WithDefaults(); err != nil {
		return nil, err
	}
	setDefault(&o.Level, DefaultLevel)
	setDefault(&o.Threshold, DefaultThreshold)
	if o.Level < 1 || o.Level > 9 {
		return nil, fmt.Errorf("a compression level of %d: want 1 to 9", o.Level)
	}
	for _, p := range o.Subprotocols {
		if !isToken(p) {
			return nil, fmt.Errorf("a subprotocol named %q: want a token (RFC 7230, section 3.2.6)", p)
		}
	}
	return &Upgrader{options: o, dialects: map[dialect]*gws.Upgrader{}}, nil
}

// Limits returns the limits, with the defaults filled in.
func (u *Upgrader) Limits() *Limits { return &u.options.Limits }

// gws returns gws's upgrader for a dialect. There are few of them: 2 without compression, 14 with it.
func (u *Upgrader) gws(d dialect) *gws.Upgrader {
	u.mu.Lock()
	defer u.mu.Unlock()
	if g := u.dialects[d]; g != nil {
		return g
	}
	o := &gws.ServerOption{
		ReadMaxPayloadSize:  u.options.Message,
		WriteMaxPayloadSize: MaxMessage,
		ParallelGolimit:     1,
		HandshakeTimeout:    u.options.Handshake,
		NewSession:          func() gws.SessionStorage { return nil },
		Logger:              silent{},
	}
	if d.protocol {
		o.SubProtocols = u.options.Subprotocols
	}
	if d.window > 0 {
		o.PermessageDeflate = gws.PermessageDeflate{
			Enabled:             true,
			Level:               u.options.Level,
			Threshold:           u.options.Threshold,
			PoolSize:            runtime.GOMAXPROCS(0),
			ServerMaxWindowBits: d.window,
			ClientMaxWindowBits: maxWindow,
		}
	}
	g := gws.NewUpgrader(events{}, o)
	u.dialects[d] = g
	return g
}

// silent is a gws.Logger: what gws would log comes back as an error, too.
type silent struct{}

func (silent) Error(...any) {}

// Refusal is why a request is not upgraded, as an HTTP response.
type Refusal struct {
	Status int
	Reason string
}

func (r *Refusal) Error() string { return r.Reason }

// IsUpgrade tells whether a request means to become a WebSocket.
func IsUpgrade(r *http.Request) bool {
	return hasToken(r.Header.Values("Upgrade"), "websocket") && hasToken(r.Header.Values("Connection"), "upgrade")
}

// check judges a request (section 4.2.1) and prepares its header for gws, which reads the simplest form only.
func (u *Upgrader) check(r *http.Request) (dialect, *Refusal) {
	switch {
	case r.Method != http.MethodGet:
		return dialect{}, &Refusal{http.StatusMethodNotAllowed, "GET expected"}
	case !r.ProtoAtLeast(1, 1) || r.Host == "":
		return dialect{}, &Refusal{http.StatusBadRequest, "HTTP/1.1 with a Host expected"}
	case r.ContentLength != 0: // it would be taken for frames
		return dialect{}, &Refusal{http.StatusBadRequest, "request without a body expected"}
	case !IsUpgrade(r):
		return dialect{}, &Refusal{http.StatusUpgradeRequired, "WebSocket expected"}
	case strings.TrimSpace(r.Header.Get("Sec-Websocket-Version")) != "13":
		return dialect{}, &Refusal{http.StatusUpgradeRequired, "WebSocket version 13 expected"}
	case !isKey(r.Header.Values("Sec-Websocket-Key")):
		return dialect{}, &Refusal{http.StatusBadRequest, "bad Sec-WebSocket-Key"}
	case !AllowOrigin(r.Header.Values("Origin"), r.Host, u.options.Origins):
		return dialect{}, &Refusal{http.StatusForbidden, "origin not allowed"}
	}
	var d dialect
	protocol := choose(r.Header.Values("Sec-Websocket-Protocol"), u.options.Subprotocols)
	d.protocol = protocol != ""
	extensions := ""
	if u.options.Compression {
		if d.window = negotiate(r.Header.Values("Sec-Websocket-Extensions")); d.window > 0 {
			extensions = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
		}
	}
	r.Header = http.Header{
		"Upgrade":                  {"websocket"},
		"Connection":               {"Upgrade"},
		"Sec-Websocket-Version":    {"13"},
		"Sec-Websocket-Key":        {strings.TrimSpace(r.Header.Get("Sec-Websocket-Key"))},
		"Sec-Websocket-Protocol":   {protocol},
		"Sec-Websocket-Extensions": {extensions},
	}
	return d, nil
}

func isKey(values []string) bool {
	if len(values) != 1 {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(values[0]))
	return err == nil && len(key) == 16
}

// hasToken looks for a word in comma-separated lists, without regard to case.
func hasToken(values []string, word string) bool {
	for _, v := range values {
		for item := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(item), word) {
				return true
			}
		}
	}
	return false
}

// choose returns the first protocol that the client offers and the server speaks.
func choose(offered, spoken []string) string {
	for _, v := range offered {
		for item := range strings.SplitSeq(v, ",") {
			item = strings.TrimSpace(item)
			for _, p := range spoken {
				if p == item {
					return p
				}
			}
		}
	}
	return ""
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// Upgrade answers a request that came to net/http's server: by taking the connection over, or with an error response
// and a *Refusal. handler is called from Conn.Serve on.
func (u *Upgrader) Upgrade(w http.ResponseWriter, r *http.Request, handler Handler) (*Conn, error) {
	original := r.Header
	d, refusal := u.check(r)
	if refusal != nil {
		writeHeader(w.Header(), refusal)
		w.Header().Set("Connection", "close") // else net/http waits for the body
		http.Error(w, refusal.Reason, refusal.Status)
		return nil, refusal
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		refusal = &Refusal{http.StatusHTTPVersionNotSupported, "HTTP/1.1 expected"}
		http.Error(w, refusal.Reason, refusal.Status)
		return nil, refusal
	}
	conn, rw, err := hijacker.Hijack()
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Time{})
	c, err := u.upgrade(conn, rw.Reader, r, d, handler)
	r.Header = original
	return c, err
}

func writeHeader(h http.Header, refusal *Refusal) {
	if refusal.Status == http.StatusUpgradeRequired {
		h.Set("Upgrade", "websocket")
		h.Set("Sec-WebSocket-Version", "13")
	}
}

// UpgradeConn answers the request r, which was read from conn; br holds what came behind it.
func (u *Upgrader) UpgradeConn(conn net.Conn, br *bufio.Reader, r *http.Request, handler Handler) (*Conn, error) {
	original := r.Header
	d, refusal := u.check(r)
	if refusal != nil {
		Refuse(conn, refusal)
		return nil, refusal
	}
	c, err := u.upgrade(conn, br, r, d, handler)
	r.Header = original
	return c, err
}

// Refuse writes a refusal to a connection without net/http, and closes it.
func Refuse(conn net.Conn, refusal *Refusal) {
	h := http.Header{}
	writeHeader(h, refusal)
	h.Set("Content-Type", "text/plain; charset=utf-8")
	text := refusal.Reason + "\n"
	response := http.Response{
		StatusCode: refusal.Status, ProtoMajor: 1, ProtoMinor: 1, Header: h, Close: true,
		Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text)),
	}
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	_ = response.Write(conn)
	_ = conn.Close()
}

// readBuffer is how many bytes are read ahead; longer messages are read around it.
const readBuffer = 2 << 10

func (u *Upgrader) upgrade(conn net.Conn, br *bufio.Reader, r *http.Request, d dialect, handler Handler) (*Conn, error) {
	c := &Conn{handler: handler, limits: &u.options.Limits}
	t := &c.transport
	t.conn, t.Conn, t.wire = c, conn, wireOf(conn)
	if t.wire == nil { // not of a Listener
		t.wire = newWire(conn)
		t.Conn = t.wire
	}
	if n := br.Buffered(); n > 0 {
		early, _ := br.Peek(n)
		t.early = append([]byte(nil), early...)
	}
	br = bufio.NewReaderSize(t, readBuffer) // net/http's is twice as large
	socket, err := u.gws(d).UpgradeFromConn(t, br, r)
	if err != nil {
		return nil, err
	}
	c.socket, c.reader = socket, br
	c.plain = d.window == 0 && t.Conn == net.Conn(t.wire)
	c.useDirect()
	c.begin(d.window > 0)
	return c, nil
}

// Secure makes a TLS connection of one that doesn't come from a Listener, so that UpgradeConn can take it.
func Secure(conn net.Conn, config *tls.Config) net.Conn { return tls.Server(newWire(conn), config) }

// wireOf finds the wire below a connection that a Listener has accepted.
func wireOf(conn net.Conn) *wire {
	for {
		if w, ok := conn.(*wire); ok {
			return w
		}
		below, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		conn = below.NetConn()
	}
}

// ReadRequest reads a request for UpgradeConn, within the limits of header size and time. br is made ready for that:
// it reads from conn.
func (u *Upgrader) ReadRequest(conn net.Conn, br *bufio.Reader) (*http.Request, error) {
	_ = conn.SetDeadline(time.Now().Add(u.options.Handshake))
	br.Reset(&headerReader{conn, u.options.Header})
	r, err := http.ReadRequest(br)
	if errors.Is(err, errHeader) {
		Refuse(conn, &Refusal{http.StatusRequestHeaderFieldsTooLarge, err.Error()})
	}
	if err != nil {
		return nil, err
	}
	return r, conn.SetDeadline(time.Time{})
}

// headerReader fails behind so many bytes.
type headerReader struct {
	io.Reader
	left int
}

var errHeader = errors.New("header too large")

func (h *headerReader) Read(p []byte) (int, error) {
	if h.left <= 0 {
		return 0, errHeader
	}
	n, err := h.Reader.Read(p)
	h.left -= n
	return n, err
}
