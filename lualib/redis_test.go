package lualib_test

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/internal/freeport"
)

// startRedis runs a redis server of the system's, with more arguments, and returns its port.
func startRedis(t *testing.T, args ...string) int {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server here: Debian's package redis-server")
	}
	port := freeport.Of(t, 1)[0]
	c := exec.Command(program, append([]string{"--bind", "127.0.0.1", "--port", fmt.Sprint(port), "--save", "", "--appendonly", "no",
		"--requirepass", "secret", "--dir", t.TempDir()}, args...)...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	time.AfterFunc(2*time.Minute, func() { _ = out.Close() })
	var log strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		log.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			go func() {
				for lines.Scan() { // so that it is never held up
				}
			}()
			return port
		}
	}
	t.Fatal("redis-server doesn't start\n" + log.String())
	return 0
}

func TestRedis(t *testing.T) {
	port := startRedis(t)
	h := hosttest.New(t, all.Options()...)
	h.Eval(fmt.Sprintf(`redis = require "skynet.db.redis" skynet = require "skynet"
		conf = { host = "127.0.0.1", port = %d, auth = "secret", db = 1 }
		db = redis.connect(conf)`, port))
	h.Expect(`return db:set("a", 1), db:get "a", db:get "none", db:incr "a", db:exists "a", db:exists "none"`, "OK", "1", nil, 2, true, false)
	h.Expect(`db:set("binary", "\0\r\n$5\r\n") return db:get "binary"`, "\x00\r\n$5\r\n")
	h.Expect(`db:set("empty", "") return db:get "empty"`, "")
	h.Expect(`return db:sadd("s", "x", "y"), db:sismember("s", "x"), db:sismember("s", "z"), #db:smembers "s"`, 2, true, false, 2)
	h.Expect(`db:hmset("h", "one", 1, "two", "2") return table.concat(db:hmget("h", "one", "two"), " "), #db:hgetall "h"`, "1 2", 4)
	h.Expect(`db:rpush { "list", "a", "b", "c" } return table.concat(db:lrange("list", 0, -1), " ")`, "a b c")
	h.Expect(`return #db:lrange("nolist", 0, -1), db:mget("a", "none", "empty")[1], db:mget("a", "none", "empty")[3]`, 0, "2", "")
	h.Expect(`return db:ping()`, "PONG")
	h.ExpectError(`db:incr "binary"`, "ERR value is not an integer")
	h.ExpectError(`db:nonsense()`, "ERR unknown command")
	h.Expect(`return db:eval("return {1, {2, 'x'}, redis.status_reply('fine')}", 0)[2][2]`, "x")
	h.Expect(`local r = db:pipeline({ { "set", "p", 1 }, { "incr", "p" }, { "incr", "binary" }, { "get", "p" } }, {})
		return #r, r[1].out, r[2].out, r[3].ok, r[4].out`, 4, "OK", 2, false, "2")
	h.Expect(`return db:pipeline { { "incr", "p" }, { "get", "p" } }`, "3")
	h.ExpectError(`db:pipeline {}`, "pipeline is null")
	h.Expect(`db:multi() db:set("m", 1) db:incr "m" local r = db:exec() return r[1], r[2]`, "OK", 2)
	// Many tasks share a connection.
	h.Expect(`local done = 0
		for i = 1, 50 do skynet.fork(function() for j = 1, 20 do db:set("k" .. i, j) assert(db:get("k" .. i) == tostring(j)) end done = done + 1 end) end
		while done < 50 do skynet.sleep(1) end
		return db:get "k50"`, "20")
	// The other database has none of that; a wrong password and a closed port are errors.
	h.Expect(`conf.db = nil other = redis.connect(conf) return other:exists "a"`, false)
	h.ExpectError(`redis.connect { host = "127.0.0.1", port = conf.port, auth = "wrong" }`, "WRONGPASS")
	h.Expect(`return tostring(select(2, pcall(redis.connect, { host = "127.0.0.1", port = 1 })))`, "[Error: socket]")
	// A lost connection is made anew, with its login.
	h.Expect(`other:client("kill", "type", "normal", "skipme", "yes")
		local ok, value
		repeat skynet.sleep(1) ok, value = pcall(db.get, db, "p") until ok -- what is under way when it is lost fails
		return value`, "3")
	// Watching.
	h.Expect(`w = redis.watch(conf) w:subscribe("news", "more") w:psubscribe "p.*"
		skynet.timeout(1, function()
			while db:publish("news", "first") == 0 do skynet.sleep(1) end -- until somebody listens
			while db:publish("p.x", "second") == 0 do skynet.sleep(1) end
		end)
		local a, b = w:message()
		local c, d, e = w:message()
		return a, b, c, d, e`, "first", "news", "second", "p.x", "p.*")
	h.Expect(`db:client("kill", "type", "pubsub") skynet.timeout(50, function() while db:publish("more", "third") == 0 do skynet.sleep(5) end end)
		local ok, text, channel
		repeat ok, text, channel = pcall(w.message, w) until ok
		return text, channel`, "third", "more")
	h.Eval(`w:disconnect() db:disconnect() other:disconnect()`)
}
