package lualib_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host/hosttest"
)

// sha2Server logs clients in by caching_sha2_password, from the server's side: it knows the hash of the hash of the password once
// it has seen that, and asks for the password itself, encrypted, before.
type sha2Server struct {
	mu       sync.Mutex // held while a client is served
	key      *rsa.PrivateKey
	nonce    []byte
	password string
	stored   []byte
	first    string // the method that the greeting names
}

var (
	denied   = append([]byte("\xff\x15\x04#28000"), "Access denied"...)
	accepted = []byte("\x00\x00\x00\x02\x00\x00\x00")
)

// restart forgets what the server knows of the password; first is the method that greetings name from now on.
func (s *sha2Server) restart(first string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored, s.first = nil, first
}

func readPacket(r io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	b := make([]byte, int(head[0])|int(head[1])<<8|int(head[2])<<16)
	_, err := io.ReadFull(r, b)
	return b, err
}

func (s *sha2Server) serve(c net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sequence := byte(0)
	send := func(b []byte) {
		_, _ = c.Write(append([]byte{byte(len(b)), byte(len(b) >> 8), 0, sequence}, b...))
		sequence += 2 // the client's packet has the number between
	}
	greeting := bytes.Join([][]byte{
		[]byte("\x0a8.0.0-test\x00"), {1, 0, 0, 0}, s.nonce[:8], {0, 0xff, 0xff, 33, 2, 0, 0xff, 0xff, 21}, make([]byte, 10), s.nonce[8:], {0}, []byte(s.first + "\x00"),
	}, nil)
	send(greeting)
	answer, err := readPacket(c)
	if err != nil {
		return err
	}
	at := 32 + bytes.IndexByte(answer[32:], 0) + 1
	proof := answer[at+1:][:answer[at]]
	if s.first != "caching_sha2_password" {
		send(bytes.Join([][]byte{[]byte("\xfecaching_sha2_password\x00"), s.nonce, {0}}, nil))
		if proof, err = readPacket(c); err != nil {
			return err
		}
	}
	result, err := s.judge(c, proof, send)
	if err != nil {
		return err
	}
	send(result)
	if bytes.Equal(result, denied) {
		return nil
	}
	_, err = readPacket(c) // a query
	sequence = 1
	send(accepted)
	return err
}

// judge checks a proof.
func (s *sha2Server) judge(c net.Conn, proof []byte, send func([]byte)) ([]byte, error) {
	if s.stored != nil {
		// The proof is SHA256(password) xor SHA256(stored, nonce).
		h := sha256.Sum256(append(bytes.Clone(s.stored), s.nonce...))
		for i := range h {
			h[i] ^= proof[i]
		}
		if h = sha256.Sum256(h[:]); !bytes.Equal(h[:], s.stored) {
			return denied, nil
		}
		send([]byte{1, 3})
		return accepted, nil
	}
	send([]byte{1, 4})
	if b, err := readPacket(c); err != nil || !bytes.Equal(b, []byte{2}) {
		return nil, fmt.Errorf("want a request for the key, got %q, %v", b, err)
	}
	public, err := x509.MarshalPKIXPublicKey(&s.key.PublicKey)
	if err != nil {
		return nil, err
	}
	send(append([]byte{1}, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})...))
	secret, err := readPacket(c)
	if err != nil {
		return nil, err
	}
	plain, err := rsa.DecryptOAEP(sha1.New(), nil, s.key, secret, nil)
	if err != nil {
		return nil, err
	}
	for i := range plain {
		plain[i] ^= s.nonce[i%len(s.nonce)]
	}
	if string(plain) != s.password+"\x00" {
		return denied, nil
	}
	once := sha256.Sum256([]byte(s.password))
	twice := sha256.Sum256(once[:])
	s.stored = twice[:]
	return accepted, nil
}

func TestMySQLSha2(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	server := &sha2Server{key: key, password: "a long password, longer than the nonce", nonce: []byte("12345678abcdefghijkl"), first: "caching_sha2_password"}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if err := server.serve(c); err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("server: %v", err)
			}
			_ = c.Close()
		}
	}()
	h := hosttest.New(t, all.Options()...)
	h.Eval(fmt.Sprintf(`mysql = require "skynet.db.mysql"
		conf = { port = %d, user = "me", password = %q }
		function log_in()
			local db = mysql.connect(conf)
			local result = db:query "do 1"
			db:disconnect()
			return result.affected_rows
		end`, l.Addr().(*net.TCPAddr).Port, server.password))
	h.Expect(`return log_in()`, 0) // by the password itself
	h.Expect(`return log_in()`, 0) // by what the server knows
	h.ExpectError(`conf.password = "another one" log_in()`, "errno:1045, msg:Access denied,sqlstate:28000")
	server.restart("caching_sha2_password")
	h.ExpectError(`log_in()`, "Access denied")
	// The greeting names another method, and the server switches.
	server.restart("mysql_native_password")
	h.Expect(fmt.Sprintf(`conf.password = %q return log_in()`, server.password), 0)
	h.Expect(`return log_in()`, 0)
}
