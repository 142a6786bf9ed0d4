package module

import (
	"runtime"
	"sync"
	"weak"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// objects is what a service holds of the objects of one type: which userdata stands for which pointer, and what is to be
// closed. Neither the pointers nor the userdata are kept alive by it, but for pointers that are to be closed.
type objects[T any] struct {
	seen  map[weak.Pointer[T]]weak.Pointer[vm.Userdata]
	sweep int             // the size of seen at which to look for dead entries
	close func(*T)        // or nil
	open  map[*T]struct{} // what close is to be called for

	mu   sync.Mutex
	lost []*T // by the garbage collector's goroutine
}

const firstSweep = 64

// wrap returns the userdata of a pointer.
func wrap[T any](u *userType, s *vm.State, p *T, close func(*T)) (vm.Value, error) {
	service, ok := s.Host.(*host.Service)
	if !ok {
		return newUserdata(u, s, p)
	}
	o := service.Local(u, func() any {
		o := &objects[T]{seen: map[weak.Pointer[T]]weak.Pointer[vm.Userdata]{}, sweep: firstSweep, close: close}
		if close != nil {
			o.open = map[*T]struct{}{}
			service.OnExit(o.closeAll)
		}
		return o
	}).(*objects[T])
	key := weak.Make(p)
	if d := o.seen[key].Value(); d != nil {
		return d.Value(), nil
	}
	o.closeLost()
	v, err := newUserdata(u, s, p)
	if err != nil {
		return v, err
	}
	d, _ := v.AsUserdata()
	o.forget()
	o.seen[key] = weak.Make(d)
	if close != nil {
		o.open[p] = struct{}{}
		runtime.AddCleanup(d, o.lose, p)
	}
	return v, nil
}

const userdataSize = 56

func newUserdata[T any](u *userType, s *vm.State, p *T) (vm.Value, error) {
	if err := s.Reserve(userdataSize); err != nil {
		return vm.Nil(), err
	}
	return vm.NewUserdata(p, u.metatable(s)).Value(), nil
}

// forget drops dead entries when those may be half of all.
func (o *objects[T]) forget() {
	if len(o.seen) < o.sweep {
		return
	}
	for p, d := range o.seen {
		if d.Value() == nil {
			delete(o.seen, p)
		}
	}
	o.sweep = max(firstSweep, 2*len(o.seen))
}

// lose notes that a userdata is gone.
func (o *objects[T]) lose(p *T) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost = append(o.lost, p)
}

// closeLost closes the objects that the service can't reach any more.
func (o *objects[T]) closeLost() {
	if o.close == nil {
		return
	}
	o.mu.Lock()
	lost := o.lost
	o.lost = nil
	o.mu.Unlock()
	for _, p := range lost {
		if o.seen[weak.Make(p)].Value() == nil { // else Go has given the pointer to the service again
			o.closeOne(p)
		}
	}
}

func (o *objects[T]) closeOne(p *T) {
	if _, open := o.open[p]; open {
		delete(o.open, p)
		o.close(p)
	}
}

func (o *objects[T]) closeAll() {
	for p := range o.open {
		o.closeOne(p)
	}
}
