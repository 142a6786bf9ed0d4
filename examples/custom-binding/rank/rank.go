// Package rank is a Lua module made outside of luahost: boards of points that all services of a host share.
package rank

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
)

// Module returns the module rank.
func Module() host.Module {
	m := module.New("rank", "Boards of points, shared by all services of the host.")
	module.Instance(m, open)
	m.Func("board(name) -> board", (*service).board, "Returns the board of a name; it is made when it is not there.").
		Func("load(board, file) -> n", load, "Adds the points of a CSV file, and returns how many lines it has. It waits for the disk.",
			"file: with lines such as Ann,30")
	module.Type[Board](m, "board", "Points by player.").
		Method("add(player, points)", (*Board).Add, "Adds points.", "points: not 0").
		Method("points(player) -> points", (*Board).Points, "Returns the points of a player, 0 when there are none.").
		Method("top(n, options?) -> entries", (*Board).Top, "Returns the players with the most points.").
		Method("watch(f)", (*service).watch, "Has f(player, points) called in this service, whenever a board changes.").
		Property("size", (*Board).Size, nil, "how many players there are").
		Meta("__len(board) -> n", (*Board).Size)
	return m.Module()
}

// Entry is a line of a board.
type Entry struct {
	Player string
	Points int
}

// Options choose the entries of Top.
type Options struct {
	AtLeast int `doc:"points that a player must have"`
}

// Board is safe for use by many goroutines: those of services, and those that load files.
type Board struct {
	mu       sync.Mutex
	points   map[string]int
	watchers map[*service][]*module.Callback
}

// Add adds points to a player's.
func (b *Board) Add(player string, points int) error {
	if points == 0 {
		return module.ArgError(2, "no points")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.points[player] += points
	for _, callbacks := range b.watchers {
		for _, f := range callbacks {
			f.Post(player, b.points[player])
		}
	}
	return nil
}

// Points returns a player's points.
func (b *Board) Points(player string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.points[player]
}

// Size returns how many players there are.
func (b *Board) Size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.points)
}

// Top returns the n players with the most points.
func (b *Board) Top(n int, o Options) []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Entry
	for player, points := range b.points {
		if points >= o.AtLeast {
			list = append(list, Entry{player, points})
		}
	}
	slices.SortFunc(list, func(x, y Entry) int {
		return cmp.Or(cmp.Compare(y.Points, x.Points), cmp.Compare(x.Player, y.Player))
	})
	return list[:max(0, min(n, len(list)))]
}

// load has a context: it runs beside the service, which handles other messages until it returns.
func load(ctx context.Context, b *Board, file string) (int, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return 0, err
	}
	for i, line := range lines {
		if ctx.Err() != nil {
			return i, ctx.Err()
		}
		points, err := strconv.Atoi(line[len(line)-1])
		if err == nil {
			err = b.Add(line[0], points)
		}
		if err != nil {
			return i, fmt.Errorf("%s:%d: %w", file, i+1, err)
		}
	}
	return len(lines), nil
}

// boards are those of a host.
type boards struct {
	mu     sync.Mutex
	byName map[string]*Board
}

type boardsKey struct{}

// service is what the module keeps for a service.
type service struct {
	host    *boards
	watched map[*Board]bool
}

func open(s *host.Service) (*service, error) {
	all := s.Host().Local(boardsKey{}, func() any { return &boards{byName: map[string]*Board{}} }).(*boards)
	v := &service{host: all, watched: map[*Board]bool{}}
	s.OnExit(v.close)
	return v, nil
}

func (s *service) board(name string) *Board {
	s.host.mu.Lock()
	defer s.host.mu.Unlock()
	b := s.host.byName[name]
	if b == nil {
		b = &Board{points: map[string]int{}, watchers: map[*service][]*module.Callback{}}
		s.host.byName[name] = b
	}
	return b
}

func (s *service) watch(b *Board, f *module.Callback) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[s] = append(b.watchers[s], f)
	s.watched[b] = true
}

// close ends what the service has begun: boards live longer than services.
func (s *service) close() {
	for b := range s.watched {
		b.mu.Lock()
		delete(b.watchers, s)
		b.mu.Unlock()
	}
}
