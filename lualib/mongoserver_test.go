package lualib_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// mongoServer is as much of MongoDB as the tests of its client need. Documents are read and written by MongoDB's own library.
type mongoServer struct {
	t        *testing.T
	listener net.Listener
	password string // of the user me; "" for no login
	hosts    []string
	primary  string // where the primary of the set is, when it is not this one

	mu          sync.Mutex
	collections map[string][]bson.D
	cursors     map[int64][]bson.D
	commands    []string // their names, in order
	connections []net.Conn
}

func startMongo(t *testing.T, password string) *mongoServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mongoServer{t: t, listener: l, password: password, collections: map[string][]bson.D{}, cursors: map[int64][]bson.D{}}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.connections = append(s.connections, conn)
			s.mu.Unlock()
			group.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		s.drop()
		group.Wait()
	})
	return s
}

func (s *mongoServer) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// drop ends all connections.
func (s *mongoServer) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.connections {
		c.Close()
	}
	s.connections = nil
}

// took returns how often a command has come.
func (s *mongoServer) took(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.commands {
		if c == name {
			n++
		}
	}
	return n
}

// session is what a connection keeps.
type session struct {
	*mongoServer
	scram *scram
	user  bool
}

func (s *mongoServer) serve(conn net.Conn) {
	defer conn.Close()
	one := &session{mongoServer: s, user: s.password == ""}
	for {
		var header [21]byte
		if _, err := io.ReadFull(conn, header[:]); err != nil {
			return
		}
		size, id := binary.LittleEndian.Uint32(header[:]), binary.LittleEndian.Uint32(header[4:])
		body := make([]byte, size-uint32(len(header)))
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		var command bson.D
		if err := bson.Unmarshal(body, &command); err != nil || binary.LittleEndian.Uint32(header[12:]) != 2013 {
			s.t.Errorf("a message % x: %v", header, err)
			return
		}
		reply, err := bson.Marshal(one.answer(command))
		if err != nil {
			s.t.Error(err)
			return
		}
		if header[16]&2 != 0 {
			continue // no answer is wanted
		}
		var out []byte
		for _, n := range []uint32{uint32(21 + len(reply)), 1, id, 2013, 0} {
			out = binary.LittleEndian.AppendUint32(out, n)
		}
		if _, err := conn.Write(append(append(out, 0), reply...)); err != nil {
			return
		}
	}
}

func get(d bson.D, key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

func list(v any) (out []bson.D) {
	a, _ := v.(bson.A)
	for _, x := range a {
		out = append(out, x.(bson.D))
	}
	return out
}

func number(v any) int {
	switch n := v.(type) {
	case int32:
		return int(n)
	case int64:
		return int(n)
	}
	return 0
}

func fields(pairs ...any) (d bson.D) {
	for i := 0; i < len(pairs); i += 2 {
		d = append(d, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return d
}

func failure(text string) bson.D { return fields("ok", 0.0, "errmsg", text) }

func (s *session) answer(command bson.D) bson.D {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := command[0].Key
	s.commands = append(s.commands, name)
	database, _ := get(command, "$db").(string)
	on, _ := command[0].Value.(string)
	on = database + "." + on
	switch name {
	case "ismaster":
		if s.primary != "" {
			return fields("ok", 1.0, "ismaster", false, "hosts", s.hosts, "primary", s.primary)
		} else if s.hosts != nil {
			return fields("ok", 1.0, "ismaster", true, "hosts", s.hosts)
		}
		return fields("ok", 1.0, "ismaster", true)
	case "saslStart", "saslContinue":
		return s.login(command)
	case "ping":
		return fields("ok", 1.0)
	}
	if !s.user {
		return failure("command " + name + " requires authentication")
	}
	switch name {
	case "insert":
		return s.insert(on, list(get(command, "documents")))
	case "find":
		return s.find(on, command)
	case "getMore":
		return s.batch(get(command, "collection").(string), command[0].Value.(int64), command, "nextBatch")
	case "killCursors":
		for _, id := range get(command, "cursors").(bson.A) {
			delete(s.cursors, id.(int64))
		}
	case "aggregate":
		stages := list(get(command, "pipeline"))
		found := s.matching(on, get(stages[0], "$match").(bson.D))
		return s.open(on, found, get(command, "cursor").(bson.D))
	case "count":
		query, _ := get(command, "query").(bson.D)
		return fields("ok", 1.0, "n", int32(len(cut(s.matching(on, query), command))))
	case "update":
		return s.update(on, list(get(command, "updates")))
	case "delete":
		return s.remove(on, list(get(command, "deletes")))
	case "findAndModify":
		for _, doc := range s.matching(on, get(command, "query").(bson.D)) {
			before := slices.Clone(doc)
			s.set(on, doc, get(command, "update").(bson.D))
			return fields("ok", 1.0, "value", before)
		}
	case "drop":
		delete(s.collections, on)
	case "createIndexes":
		return fields("ok", 1.0, "indexes", get(command, "indexes"))
	default:
		return failure("no such command: '" + name + "'")
	}
	return fields("ok", 1.0)
}

func (s *session) insert(on string, docs []bson.D) bson.D {
	for i, doc := range docs {
		id := get(doc, "_id")
		if len(s.matching(on, fields("_id", id))) > 0 {
			return fields("ok", 1.0, "n", int32(i), "writeErrors", bson.A{fields("index", int32(i), "code", int32(11000), "errmsg", fmt.Sprintf("E11000 duplicate key: %v", id))})
		}
		s.collections[on] = append(s.collections[on], doc)
	}
	return fields("ok", 1.0, "n", int32(len(docs)))
}

// matching returns the documents with the values of a query; of its operators there is $gt.
func (s *session) matching(on string, query bson.D) (found []bson.D) {
	for _, doc := range s.collections[on] {
		if !slices.ContainsFunc(query, func(e bson.E) bool {
			if op, ok := e.Value.(bson.D); ok && op[0].Key == "$gt" {
				return number(get(doc, e.Key)) <= number(op[0].Value)
			}
			return !reflect.DeepEqual(get(doc, e.Key), e.Value)
		}) {
			found = append(found, doc)
		}
	}
	return found
}

func cut(docs []bson.D, command bson.D) []bson.D {
	docs = docs[min(number(get(command, "skip")), len(docs)):]
	if n := number(get(command, "limit")); n > 0 {
		docs = docs[:min(n, len(docs))]
	}
	return docs
}

func (s *session) find(on string, command bson.D) bson.D {
	docs := slices.Clone(s.matching(on, get(command, "filter").(bson.D)))
	if order, ok := get(command, "sort").(bson.D); ok {
		slices.SortStableFunc(docs, func(a, b bson.D) int {
			for _, key := range order {
				if c := (number(get(a, key.Key)) - number(get(b, key.Key))) * number(key.Value); c != 0 {
					return c
				}
			}
			return 0
		})
	}
	docs = cut(docs, command)
	if p, ok := get(command, "projection").(bson.D); ok {
		for i, doc := range docs {
			docs[i] = slices.DeleteFunc(slices.Clone(doc), func(e bson.E) bool { return e.Key != "_id" && get(p, e.Key) == nil })
		}
	}
	return s.open(on, docs, command)
}

// open makes a cursor, whose number no Lua number holds.
func (s *session) open(on string, docs []bson.D, command bson.D) bson.D {
	id := math.MaxInt64 - int64(len(s.commands))
	s.cursors[id] = docs
	return s.batch(on, id, command, "firstBatch")
}

func (s *session) batch(on string, id int64, command bson.D, field string) bson.D {
	docs, ok := s.cursors[id]
	if !ok {
		return failure(fmt.Sprintf("cursor id %d not found", id))
	}
	n := number(get(command, "batchSize"))
	if n == 0 {
		n = 101
	}
	now := docs[:min(n, len(docs))]
	s.cursors[id] = docs[len(now):]
	if len(s.cursors[id]) == 0 {
		delete(s.cursors, id)
		id = 0
	}
	if now == nil {
		now = []bson.D{}
	}
	return fields("ok", 1.0, "cursor", fields("id", id, "ns", on, field, now))
}

// set changes a document as $set and $inc say.
func (s *session) set(on string, doc, update bson.D) {
	for _, op := range update {
		for _, e := range op.Value.(bson.D) {
			v := e.Value
			if op.Key == "$inc" {
				v = int32(number(get(doc, e.Key)) + number(v))
			}
			i := slices.IndexFunc(doc, func(f bson.E) bool { return f.Key == e.Key })
			if i >= 0 {
				doc[i].Value = v
				continue
			}
			at := slices.IndexFunc(s.collections[on], func(d bson.D) bool { return reflect.DeepEqual(d, doc) })
			doc = append(slices.Clone(doc), bson.E{Key: e.Key, Value: v})
			s.collections[on][at] = doc
		}
	}
}

func (s *session) update(on string, updates []bson.D) bson.D {
	n := 0
	for _, u := range updates {
		query, change := get(u, "q").(bson.D), get(u, "u").(bson.D)
		if !strings.HasPrefix(change[0].Key, "$") {
			return fields("ok", 1.0, "n", int32(n), "writeErrors", bson.A{fields("errmsg", "replacing is not done here")})
		}
		found := s.matching(on, query)
		if len(found) == 0 && get(u, "upsert") == true {
			s.insert(on, []bson.D{append(fields("_id", bson.NewObjectID()), query...)})
			found = s.matching(on, query)
		}
		if get(u, "multi") != true && len(found) > 1 {
			found = found[:1]
		}
		for _, doc := range found {
			s.set(on, doc, change)
			n++
		}
	}
	return fields("ok", 1.0, "n", int32(n))
}

func (s *session) remove(on string, deletes []bson.D) bson.D {
	n := 0
	for _, d := range deletes {
		gone := s.matching(on, get(d, "q").(bson.D))
		if number(get(d, "limit")) == 1 && len(gone) > 1 {
			gone = gone[:1]
		}
		for _, doc := range gone {
			s.collections[on] = slices.DeleteFunc(s.collections[on], func(d bson.D) bool { return reflect.DeepEqual(d, doc) })
			n++
		}
	}
	return fields("ok", 1.0, "n", int32(n))
}

// scram is the server's side of a login (RFC 5802).
type scram struct {
	hash             func() hash.Hash
	salted           []byte
	bare, both, said string
}

func (s *session) login(command bson.D) bson.D {
	payload := string(get(command, "payload").(bson.Binary).Data)
	reply := func(text string, done bool) bson.D {
		return fields("ok", 1.0, "conversationId", int32(1), "done", done, "payload", bson.Binary{Data: []byte(text)})
	}
	if command[0].Key == "saslStart" {
		c := &scram{hash: sha1.New, bare: strings.TrimPrefix(payload, "n,,")}
		sum := md5.Sum([]byte("me:mongo:" + s.password))
		password := hex.EncodeToString(sum[:])
		if get(command, "mechanism") == "SCRAM-SHA-256" {
			c.hash, password = sha256.New, s.password
		}
		var err error
		if c.salted, err = pbkdf2.Key(c.hash, password, []byte("saltsalt"), 4096, c.hash().Size()); err != nil {
			s.t.Error(err)
		}
		user, nonce, _ := strings.Cut(c.bare, ",r=")
		if user != "n=me" {
			return failure("Authentication failed.")
		}
		c.both = nonce + "server"
		c.said = "r=" + c.both + ",s=" + base64.StdEncoding.EncodeToString([]byte("saltsalt")) + ",i=4096"
		s.scram = c
		return reply(c.said, false)
	}
	c := s.scram
	if payload == "" {
		return reply("", s.user)
	}
	last, proof, _ := strings.Cut(payload, ",p=")
	sign := func(key []byte, text string) []byte {
		m := hmac.New(c.hash, key)
		m.Write([]byte(text))
		return m.Sum(nil)
	}
	signed := c.bare + "," + c.said + "," + last
	client := sign(c.salted, "Client Key")
	stored := c.hash()
	stored.Write(client)
	want := sign(stored.Sum(nil), signed)
	for i := range want {
		want[i] ^= client[i]
	}
	got, _ := base64.StdEncoding.DecodeString(proof)
	if last != "c=biws,r="+c.both || !bytes.Equal(got, want) {
		return failure("Authentication failed.")
	}
	s.user = true
	return reply("v="+base64.StdEncoding.EncodeToString(sign(sign(c.salted, "Server Key"), signed)), false)
}
