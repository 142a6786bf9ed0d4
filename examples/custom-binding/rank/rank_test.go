package rank_test

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/rankhost/rank"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
)

func TestRank(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`rank = require "rank" b = rank.board("today")`)
		h.Eval(`b:add("Ann", 30) b:add("Bob", 10) b:add("Ann", 5) b:add("Eve", 20)`)
		h.Expect(`return b:points("Ann"), b:points("nobody"), b.size, #b`, 35, 0, 3, 3)
		h.Expect(`local top = b:top(2) return #top, top[1].player, top[1].points, top[2].player`, 2, "Ann", 35, "Eve")
		h.Expect(`return #b:top(9, {at_least = 20})`, 2)
		h.Expect(`return rank.board("today") == b, rank.board("other") == b`, true, false)
		h.ExpectError(`b:add("Ann", 0)`, "bad argument #2 to 'add' (no points)")
		h.ExpectError(`b:add("Ann", 1.5)`, "bad argument #2 to 'add' (number has no integer representation)")
		h.ExpectError(`b:top(1, {atleast = 1})`, "unknown field 'atleast'")
	}, host.WithModule(rank.Module()))
}

// A service is told of what others do, until it ends.
func TestWatch(t *testing.T) {
	hosttest.Run(t, func(h *hosttest.Host) {
		a := h.StartScript(`require "rank".board("x"):watch(function(player, points) print(player, points) end)`)
		h.Eval(`require "rank".board("x"):add("Ann", 3)`)
		h.Advance(0)
		if got := h.Output(); got != "Ann\t3\n" {
			t.Errorf("printed %q", got)
		}
		h.Service(a).Kill()
		h.Advance(0)
		h.Eval(`require "rank".board("x"):add("Ann", 4)`)
		h.Advance(0)
		if got := h.Output(); got != "Ann\t3\n" {
			t.Errorf("the service has ended, and was told: %q", got)
		}
	}, host.WithModule(rank.Module()))
}

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "points.csv")
	if err := os.WriteFile(file, []byte("Ann,30\nBob,x\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	h := hosttest.New(t, host.WithModule(rank.Module()))
	h.Eval(`rank = require "rank" b = rank.board("today") file = [[` + file + `]]`)
	h.ExpectError(`rank.load(b, file)`, "points.csv:2: strconv.Atoi")
	h.Expect(`return b:points("Ann")`, 30)
	h.ExpectError(`rank.load(b, "nowhere.csv")`, "nowhere.csv")
	h.ExpectError(`rank.load("today", file)`, "bad argument #1 to 'load' (board expected, got string)")
}
