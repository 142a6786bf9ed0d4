package lualib_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/internal/freeport"
)

func redisCommand(t *testing.T, port int, args ...string) string {
	t.Helper()
	out, err := exec.Command("redis-cli", append([]string{"-p", fmt.Sprint(port), "-a", "secret", "--no-auth-warning"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("redis-cli %v: %v %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// startRedisCluster runs three masters, and a replica of the first, and returns their ports.
func startRedisCluster(t *testing.T) (ports []int) {
	t.Helper()
	for range 4 {
		ports = append(ports, startRedis(t, "--cluster-enabled", "yes", "--masterauth", "secret", "--cluster-port", fmt.Sprint(freeport.Of(t, 1)[0]),
			"--repl-ping-replica-period", "1", "--repl-diskless-sync-delay", "0"))
	}
	for i, slots := range []string{"0 5460", "5461 10922", "10923 16383"} {
		redisCommand(t, ports[i], append([]string{"cluster", "addslotsrange"}, strings.Fields(slots)...)...)
		redisCommand(t, ports[i], "cluster", "set-config-epoch", fmt.Sprint(i+1))
	}
	for _, port := range ports[1:] {
		bus := strings.Split(redisCommand(t, port, "config", "get", "cluster-port"), "\n")[1]
		redisCommand(t, ports[0], "cluster", "meet", "127.0.0.1", fmt.Sprint(port), bus)
	}
	first := redisCommand(t, ports[0], "cluster", "myid")
	waitFor(t, func() bool { return strings.Contains(redisCommand(t, ports[3], "cluster", "nodes"), first) })
	redisCommand(t, ports[3], "cluster", "replicate", first)
	waitFor(t, func() bool {
		for _, port := range ports {
			if !strings.Contains(redisCommand(t, port, "cluster", "info"), "cluster_state:ok") ||
				strings.Count(redisCommand(t, port, "cluster", "slots"), "127.0.0.1") != 4 {
				return false
			}
		}
		return strings.Contains(redisCommand(t, ports[3], "info", "replication"), "master_link_status:up")
	})
	return ports
}

func waitFor(t *testing.T, f func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !f(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the cluster is not ready after a minute")
		}
	}
}

func TestRedisCluster(t *testing.T) {
	ports := startRedisCluster(t)
	h := hosttest.New(t, all.Options()...)
	h.Eval(fmt.Sprintf(`cluster = require "skynet.db.redis.cluster" skynet = require "skynet"
		ports = { %d, %d, %d, %d }
		heard = {}
		db = cluster.new({ { host = "127.0.0.1", port = 1 }, { host = "127.0.0.1", port = ports[2] } }, { auth = "secret" },
			function(text, channel, pattern) heard[#heard + 1] = channel .. "=" .. text .. tostring(pattern or "") end)`, ports[0], ports[1], ports[2], ports[3]))
	// The specification of redis cluster: the checksum of "123456789", and tags.
	h.Expect(`return require "skynet.db.redis.crc16" "123456789", db:keyslot "foo", db:keyslot "{foo}.x" == db:keyslot "foo", db:keyslot "a{}{foo}" ~= db:keyslot "foo"`,
		0x31c3, 12182, true, true)
	for _, key := range []string{"{}{foo}", "x{y}z{w}", "{a{b}c}", "}{", "plain"} {
		if want := redisCommand(t, ports[0], "cluster", "keyslot", key); fmt.Sprint(h.Eval(`return db:keyslot "` + key + `"`)[0]) != want {
			t.Errorf("the slot of %s is not %s", key, want)
		}
	}
	h.Expect(`for i = 1, 60 do assert(db:set("k" .. i, i) == "OK") end
		local sum = 0
		for i = 1, 60 do sum = sum + db:get("k" .. i) end
		return sum, db:exists "k1", db:get "none", db:call("get", "k2")`, 1830, true, nil, "2")
	for i, port := range ports[:3] {
		if n := redisCommand(t, port, "dbsize"); n == "0" || n == "60" {
			t.Errorf("node %d has %s of the keys", i, n)
		}
	}
	h.Expect(`db:rpush("list", 1, 2, 3) db:hmset { "map", "a", 1, "b", 2 } return table.concat(db:lrange("list", 0, -1), " "), #db:hgetall "map", db:mget("{t}1", "{t}2")[1]`, "1 2 3", 4, nil)
	h.Expect(`return db:eval("return redis.call('incrby', KEYS[1], ARGV[1])", 1, "counter", 5), db:ping(), db:eval("return 7", 0)`, 5, "PONG", 7)
	h.Expect(`return db:xadd("stream", "*", "a", 1) ~= nil, #db:xread("count", 1, "streams", "stream", 0), db:object("encoding", "k1"), db:bitop("not", "{b}2", "{b}1")`, true, 1, "int", 0)
	h.ExpectError(`db:incr "list"`, "WRONGTYPE")
	h.ExpectError(`db:mget("k1", "k2", "k3")`, "CROSSSLOT")
	h.ExpectError(`db:multi()`, "multi is not for a cluster")
	h.ExpectError(`db:pipeline {}`, "pipeline is null")
	h.Expect(`local r = db:pipeline({ { "set", "k1", "x" }, { "get", "k1" }, { "get", "k2" }, { "incr", "list" }, { "get", "k3" } }, {})
		return #r, r[1].out, r[2].out, r[3].out, r[4].ok, r[5].out`, 5, "OK", "x", "2", false, "3")
	h.Expect(`return db:pipeline { { "get", "k3" }, { "get", "k4" } }`, "4")
	// Who forgets where slots are is sent on by MOVED; one that moves asks for once.
	h.Expect(`db:flush_slots_cache() local sum = 0 for i = 2, 60 do sum = sum + db:get("k" .. i) end return sum, db.slots[0] ~= nil`, 1829, true)
	h.Expect(`db:flush_slots_cache() local list = {} for i = 2, 60 do list[#list + 1] = { "get", "k" .. i } end
		local sum = 0 for _, r in ipairs(db:pipeline(list, {})) do sum = sum + r.out end return sum`, 1829)
	slot := redisCommand(t, ports[0], "cluster", "keyslot", "moving")
	from, to := 2, 0
	redisCommand(t, ports[to], "cluster", "setslot", slot, "importing", redisCommand(t, ports[from], "cluster", "myid"))
	redisCommand(t, ports[from], "cluster", "setslot", slot, "migrating", redisCommand(t, ports[to], "cluster", "myid"))
	h.Expect(`return db:keyslot "moving" > 10922, db:set("moving", 1), db:get "moving"`, true, "OK", "1")
	if got := redisCommand(t, ports[to], "cluster", "countkeysinslot", slot); got != "1" {
		t.Errorf("%s keys in the new place of slot %s", got, slot)
	}
	// Connections that are lost, or closed by somebody.
	h.Expect(`local n = 0 for _, c in pairs(db.connections) do c:disconnect() n = n + 1 end return n, db:get "k2", db:get "k3", db:get "k4"`, 3, "2", "3", "4")
	h.Expect(`local n = 0 for _, c in pairs(db.connections) do if getmetatable(c) then c:client("kill", "type", "normal", "skipme", "yes") end end
		local left = 40
		for i = 2, 41 do skynet.fork(function() assert(db:get("k" .. i) == tostring(i)) left = left - 1 end) end
		while left > 0 do skynet.sleep(1) end
		return left`, 0)
	// Publishing.
	h.Expect(`db:subscribe("news", "more") db:psubscribe "p.*" skynet.sleep(10)
		db:publish("news", "a") skynet.sleep(5) db:publish("p.x", "b")
		while #heard < 2 do skynet.sleep(1) end
		return table.concat(heard, " ")`, "news=a p.x=bp.*")
	// Replicas answer what only reads; few connections are enough.
	h.Expect(`reader = cluster.new({ { host = "127.0.0.1", port = ports[4] } }, { auth = "secret", read_slave = true, max_connections = 2 })
		local before = tonumber(reader.connections["127.0.0.1:" .. ports[4]]:info("stats"):match "total_commands_processed:(%d+)")
		for i = 2, 60 do assert(reader:get("k" .. i) == tostring(i)) end
		local n = 0 for _ in pairs(reader.connections) do n = n + 1 end
		reader:set("k2", "new")
		return n <= 2`, true)
	if !strings.Contains(redisCommand(t, ports[3], "info", "commandstats"), "cmdstat_get:") {
		t.Error("the replica was not asked for values")
	}
	h.Eval(`db:close_all_connection() reader:close_all_connection()`)
	h.ExpectError(`cluster.new({ { host = "127.0.0.1", port = 1 } })`, "no node answers")
}
