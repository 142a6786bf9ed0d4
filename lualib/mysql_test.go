package lualib_test

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/bindings/all"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/internal/freeport"
)

// startMariaDB runs a server of the system's with a user me, whose password is "s'ecret", and returns its port.
func startMariaDB(t *testing.T) int {
	t.Helper()
	install, err := exec.LookPath("mariadb-install-db")
	if err != nil {
		t.Skip("no MariaDB here: Debian's package mariadb-server")
	}
	server, err := exec.LookPath("mariadbd")
	if err != nil {
		server = "/usr/sbin/mariadbd"
	}
	dir := t.TempDir()
	data := "--datadir=" + filepath.Join(dir, "data")
	if out, err := exec.Command(install, "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root", data).CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, out)
	}
	port := freeport.Of(t, 1)[0]
	c := exec.Command(server, "--no-defaults", "--user=root", data, "--bind-address=127.0.0.1", fmt.Sprint("--port=", port),
		"--socket="+filepath.Join(dir, "s"), "--innodb-flush-log-at-trx-commit=0", "--max-allowed-packet=64M")
	out, err := c.StderrPipe()
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
		if strings.Contains(lines.Text(), "ready for connections") {
			return port
		}
	}
	t.Fatalf("MariaDB doesn't start:\n%s", log.String())
	return 0
}

func TestMySQL(t *testing.T) {
	port := startMariaDB(t)
	h := hosttest.New(t, all.Options()...)
	h.Eval(fmt.Sprintf(`mysql = require "skynet.db.mysql" skynet = require "skynet"
		local root = mysql.connect { port = %d, user = "root" }
		assert(not root:query("create database test").badresult)
		assert(not root:query("create user me@localhost identified by 's\\'ecret'").badresult)
		assert(not root:query("grant all on test.* to me@localhost").badresult)
		root:disconnect()
		conf = { host = "127.0.0.1", port = %[1]d, user = "me", password = "s'ecret", database = "test", charset = "utf8mb4" }
		db = mysql.connect(conf)`, port))
	h.ExpectError(`mysql.connect { port = conf.port, user = "me", password = "wrong" }`, "errno:1045, msg:Access denied for user 'me'@'localhost'")
	h.ExpectError(`mysql.connect { port = conf.port, user = "me", password = "s'ecret", database = "none" }`, "sqlstate:42000")
	h.Expect(`return db:server_ver():find "MariaDB" ~= nil, db:ping().affected_rows`, true, 0)
	// Queries.
	h.Expect(`local r = db:query "create table t (id bigint auto_increment primary key, name varchar(99), age int unsigned, score double, price decimal(9,2), d datetime(6), b blob)"
		return r.badresult, r.affected_rows`, nil, 0)
	h.Expect(`local r = db:query("insert into t (name, age, score, price, d, b) values (" .. mysql.quote_sql_str "it's \"é\"\n\0\\" .. ", 42, 1.5, 12.34, '2024-02-29 12:34:56.789', x'00ff'), (null, null, null, null, null, null)")
		return r.affected_rows, r.insert_id, r.message`, 2, 1, "Records: 2  Duplicates: 0  Warnings: 0")
	h.Expect(`local r = db:query "select * from t order by id" row = r[1]
		return #r, row.id, row.name, row.age, row.score, row.price, row.d, row.b`, 2, 1, "it's \"é\"\n\x00\\", 42, 1.5, 12.34, "2024-02-29 12:34:56.789000", "\x00\xff")
	h.Expect(`local r = db:query "select * from t where id = 2"[1] return r.id, r.name, r.age, r.d`, 2, nil, nil, nil)
	h.Expect(`return #db:query "select * from t where id > 99"`, 0)
	h.Expect(`return db:query "select 9007199254740991 a, 9007199254740993 b, -9223372036854775808 c, 18446744073709551615 d, 2147483648 e"[1].a,
		db:query "select 9007199254740993 b"[1].b, db:query "select 18446744073709551615 d"[1].d`, 1<<53-1, "9007199254740993", "18446744073709551615")
	h.Expect(`local r = db:query "selec 1" return r.badresult, r.errno, r.sqlstate, r.err:match "^You have an error in your SQL syntax"`, true, 1064, "42000", "You have an error in your SQL syntax")
	h.Expect(`local r = db:query "select 1 as a; select 2 as b; update t set age = 43 where id = 1" return r.multiresultset, #r, r[1][1].a, r[2][1].b, r[3].affected_rows`, true, 3, 1, 2, 1)
	h.Expect(`local r = db:query "select 1; nonsense; select 2" return r.multiresultset, r.badresult, #r, r.errno`, true, true, 1, 1064)
	h.Expect(`mysql.set_compact_arrays(db, true) local r = db:query "select 'x', null, 3"[1] mysql.set_compact_arrays(db, false) return r[1], r[2], r[3]`, "x", nil, 3)
	// A packet is 16 MiB at most.
	h.Expect(`local s = ("0123456789"):rep(1700000) local r = db:query("select '" .. s .. "' as s")[1].s return #r, r == s`, 17000000, true)
	// Prepared statements.
	h.Expect(`s = db:prepare "insert into t (name, age, score, price, d, b) values (?, ?, ?, ?, ?, ?)" return s.param_count, s.field_count`, 6, 0)
	h.Expect(`local r = db:execute(s, "pre\0pared", 7, 0.25, 99.5, "2020-01-02 03:04:05", nil) return r.affected_rows, r.insert_id`, 1, 3)
	h.ExpectError(`db:execute(s, 1)`, "require stmt.param_count 6, get arg_num 1")
	h.ExpectError(`db:execute(s, 1, 2, 3, 4, 5, {})`, "a table can't be a parameter")
	h.Expect(`q = db:prepare "select *, cast('-11:22:33' as time) tm, date(d) dd, cast(-5 as signed) n, true yes, year(d) y, cast(1.5 as float) f, 18446744073709551615 big from t where name = ? or id = ?"
		local r = db:execute(q, "pre\0pared", 2) r = r[1].id == 3 and r[1] or r[2]
		return r.id, r.name, r.age, r.score, r.price, r.d, r.b, r.tm`, 3, "pre\x00pared", 7, 0.25, 99.5, "2020-01-02 03:04:05", nil, "-11:22:33")
	h.Expect(`local r = db:execute(q, "nobody", 3)[1] return r.dd, r.n, r.yes, r.y, r.f, r.big`, "2020-01-02", -5, 1, 2020, 1.5, "18446744073709551615")
	h.Expect(`local r = db:execute(db:prepare "select ? a, ? b, ? c, ? d", true, -1, 2.5, ("y"):rep(70000))[1] return r.a, r.b, r.c, #r.d`, 1, -1, 2.5, 70000)
	h.Expect(`local r = db:prepare "nonsense" return r.badresult, r.errno`, true, 1064)
	h.Expect(`local r = db:stmt_reset(q) db:stmt_close(q) local gone = db:execute(q, "a", 1) return r.affected_rows, gone.badresult, gone.errno`, 0, true, 1243)
	// Many tasks share a connection; one that is lost is made anew.
	h.Expect(`local done = 0
		for i = 1, 20 do skynet.fork(function() for j = 1, 10 do assert(db:query("select " .. i * j .. " as n")[1].n == i * j) end done = done + 1 end) end
		while done < 20 do skynet.sleep(1) end
		return done`, 20)
	h.Expect(`conf.on_connect = function(db) connected = (connected or 0) + 1 end other = mysql.connect(conf)
		local id = other:query "select connection_id() id"[1].id
		db:query("kill " .. id)
		skynet.sleep(10)
		return other:query "select 1 a"[1].a, connected`, 1, 2)
	h.Eval(`other:disconnect() db:disconnect()`)
}
