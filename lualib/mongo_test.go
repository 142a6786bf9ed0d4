package lualib_test

import (
	"fmt"
	"testing"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host/hosttest"
)

func mongoHost(t *testing.T, conf string, args ...any) *hosttest.Host {
	t.Helper()
	h := hosttest.New(t, all.Options()...)
	h.Eval(`mongo, bson, skynet = require "skynet.db.mongo", require "bson", require "skynet"`)
	h.Eval(fmt.Sprintf("conf = "+conf, args...))
	return h
}

func TestMongo(t *testing.T) {
	server := startMongo(t, "")
	h := mongoHost(t, `{ host = "127.0.0.1", port = %d }`, server.port())
	h.Eval(`client = mongo.client(conf) people = client.shop.people`)
	h.Expect(`return tostring(client.shop), tostring(people), client:getDB "shop" ~= nil, people.database == client.shop, client.shop.a.b.full_name`,
		"[mongo db : shop]", "[mongo collection : shop.people]", true, true, "shop.a.b")

	// Writes, with and without an answer.
	h.Expect(`local ok, err, reply = people:safe_insert { _id = 1, name = "Ann", age = 30 } return ok, err, reply.n`, true, nil, 1)
	h.Expect(`local ok, err, reply = people:safe_insert { _id = 1 } return ok, err, reply.writeErrors[1].code`, false, "E11000 duplicate key: 1", 11000)
	h.Expect(`local bob = { name = "Bob", age = 25 } people:insert(bob) return (bson.type(bob._id)), people:findOne({ name = "Bob" })._id == bob._id`, "objectid", true)
	h.Expect(`people:batch_insert { { _id = 3, name = "Eve", age = 35 } } return (people:safe_batch_insert { { _id = 4, name = "Joe", age = 40 }, { _id = 5, name = "Sue", age = 40 } })`, true)
	h.Expect(`return people:find():count(), people:find({ age = 40 }):count(), people:find():skip(1):limit(2):count(true), people:find():limit(2):count()`, 5, 2, 2, 5)
	h.Expect(`return people:findOne { name = "nobody" }, people:findOne({ _id = 1 }, { name = 1 }).age, people:findOne({ _id = 1 }).age`, nil, nil, 30)
	h.Expect(`people:update({ _id = 1 }, { ["$set"] = { age = 31 } }) return people:safe_update({ age = 40 }, { ["$set"] = { age = 41 } }, false, true), people:findOne({ _id = 1 }).age, people:find({ age = 41 }):count()`, true, 31, 2)
	h.Expect(`local ok, err = people:safe_update({ _id = 1 }, { age = 1 }) return ok, err`, false, "replacing is not done here")
	h.Expect(`people:safe_update({ name = "New" }, { ["$set"] = { age = 1 } }, true) return people:findOne({ name = "New" }).age`, 1)
	h.Expect(`people:batch_update { { query = { _id = 4 }, update = { ["$inc"] = { age = 1 } } }, { query = { _id = 5 }, update = { ["$inc"] = { age = 2 } } } }
		return people:safe_batch_update { { query = { _id = 4 }, update = { ["$inc"] = { age = 1 } } } }, people:findOne({ _id = 4 }).age, people:findOne({ _id = 5 }).age`, true, 43, 43)
	h.Expect(`return people:raw_safe_update { q = { _id = 4 }, u = { ["$inc"] = { age = 1 } } }, people:findOne({ _id = 4 }).age`, true, 44)
	h.Expect(`local r = people:findAndModify { query = { _id = 4 }, update = { ["$inc"] = { age = 1 } } } return r.ok, r.value.age, people:findOne({ _id = 4 }).age`, 1, 44, 45)
	h.Expect(`people:delete({ name = "New" }, true) return people:safe_delete { name = "Bob" }, people:raw_safe_delete { q = { _id = 99 }, limit = 1 }, people:safe_batch_delete({ { _id = 98 }, { _id = 97 } }, true), people:find():count()`, true, true, true, 4)
	h.Expect(`return people:safe_batch_delete { { _id = 4 } }, people:find():count()`, true, 3)

	// Cursors. Their numbers are larger than a Lua number can tell exactly.
	h.Expect(`local names = {} local c = people:find({ age = { ["$gt"] = 30 } }):sort { age = -1 }
		while c:hasNext() do names[#names + 1] = c:next().name end
		return table.concat(names, " "), c:hasNext()`, "Sue Eve Ann", false)
	h.Expect(`local names = {} for i, p in people:find():sort({ age = 1 }, { _id = -1 }):skip(1):limit(2):each() do names[i] = p.name end return table.concat(names, " ")`, "Eve Sue")
	h.Eval(`local docs = {} for i = 1, 250 do docs[i] = { _id = i } end client.shop.many:safe_batch_insert(docs)`)
	h.Expect(`local n, sum = 0, 0 for _, d in client.shop.many:find():batchSize(30):each() do n, sum = n + 1, sum + d._id end return n, sum`, 250, 31375)
	if n := server.took("getMore"); n != 8 {
		t.Errorf("%d times getMore, want 8", n)
	}
	h.Expect(`local n = 0 for _ in client.shop.many:aggregate({ { ["$match"] = {} } }, { allowDiskUse = true }):each() do n = n + 1 end return n`, 250)
	h.Expect(`local c = client.shop.many:find():batchSize(1) c:hasNext() c:close() return c:hasNext(), client:runCommand("ping").ok`, false, 1)
	if n := server.took("killCursors"); n != 1 {
		t.Errorf("%d times killCursors, want 1", n)
	}
	h.ExpectError(`people:find():next()`, "Call hasNext first")

	// Indexes.
	h.Expect(`local r = people:createIndex { "a", { b = -1 }, unique = true } return r.indexes[1].name, r.indexes[1].unique, r.indexes[1].key.a, r.indexes[1].key.b`, "a_1_b_-1", true, 1, -1)
	h.Expect(`local r = people:ensureIndex({ a = 1 }, { name = "x" }) return r.indexes[1].name, r.indexes[1].key.a`, "x", 1)
	h.Expect(`local r = people:createIndexes({ "a" }, { { b = "text" } }) return r.indexes[1].name, r.indexes[2].name`, "a_1", "b_text")
	h.ExpectError(`people:createIndex { unique = true }`, "Need keys")
	h.ExpectError(`people:createIndex({ a = 1, b = 1 }, {})`, "Use new api for multi-keys")

	// Errors of the server, a lost connection, many at once.
	h.Expect(`local r = client.shop:runCommand("nonsense") return r.ok, r.errmsg`, 0, "no such command: 'nonsense'")
	h.Expect(`local left = 50
		for i = 1, 50 do skynet.fork(function() for j = 1, 10 do assert(client.shop.many:findOne({ _id = i })._id == i) end left = left - 1 end) end
		while left > 0 do skynet.sleep(1) end
		return left`, 0)
	server.drop()
	h.Expect(`skynet.sleep(5) return people:find():count()`, 3)
	h.Expect(`return people:drop().ok, people:find():count()`, 1, 0)
	h.Eval(`client:disconnect()`)
	h.ExpectError(`people:findOne {}`, "the client has disconnected")
	h.Expect(`return tostring(select(2, pcall(mongo.client, { host = "127.0.0.1", port = 1 }))), require "mongo" == mongo`, "[Error: socket]", true)
}

func TestMongoLogin(t *testing.T) {
	server := startMongo(t, "p,=w")
	h := mongoHost(t, `{ host = "127.0.0.1", port = %d, username = "me", password = "p,=w" }`, server.port())
	for _, authmod := range []string{"nil", `"scram_sha1"`, `"scram_sha256"`} {
		h.Expect(`conf.authmod = `+authmod+` client = mongo.client(conf) return (client.shop.people:safe_insert {})`, true)
	}
	server.drop()
	h.Expect(`skynet.sleep(5) return (client.shop.people:safe_insert {})`, true) // logged in anew
	h.ExpectError(`conf.authmod = "mongodb_cr" mongo.client(conf)`, "unknown authmod mongodb_cr: want scram_sha1 or scram_sha256")
	h.ExpectError(`conf.authmod, conf.password = nil, "wrong" mongo.client(conf)`, "mongo: login: Authentication failed.")
	h.ExpectError(`conf.username = "other" mongo.client(conf)`, "mongo: login: Authentication failed.")
	h.Expect(`conf.username = nil client = mongo.client(conf) return (client.shop.people:safe_insert {})`, false)
	h.Expect(`return client.admin:auth("me", "wrong")`, false, "mongo: login: Authentication failed.")
	h.Expect(`return client.admin:auth("me", "p,=w", "scram_sha256"), (client.shop.people:safe_insert {})`, true, true)
}

// The client goes on at the primary of a replica set.
func TestMongoReplicaSet(t *testing.T) {
	primary, secondary := startMongo(t, ""), startMongo(t, "")
	hosts := []string{fmt.Sprintf("127.0.0.1:%d", primary.port()), fmt.Sprintf("127.0.0.1:%d", secondary.port())}
	primary.hosts, secondary.hosts, secondary.primary = hosts, hosts, hosts[0]
	h := mongoHost(t, `{ rs = { { host = "127.0.0.1", port = 1 }, { host = "127.0.0.1", port = %d } } }`, secondary.port())
	h.Expect(`client = mongo.client(conf) return client.shop.people:safe_insert {}, client.port`, true, primary.port())
	if primary.took("insert") != 1 || secondary.took("insert") != 0 {
		t.Errorf("%d inserts at the primary, %d at the secondary", primary.took("insert"), secondary.took("insert"))
	}
}
