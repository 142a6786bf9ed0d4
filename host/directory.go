package host

import (
	"sync"
	"sync/atomic"
)

// directory finds services by address. To find one takes no lock.
//
// A service's place is its address modulo the number of places, which is a power of two. As in skynet, addresses
// count up, one whose place is taken is left out, and they begin anew after 2^24-1: an address is not used again soon.
type directory struct {
	places atomic.Pointer[places]

	harbor Handle // in the top byte of all addresses

	mu    sync.Mutex
	last  Handle // the address given out last, without harbor
	count int
}

type places []atomic.Pointer[Service]

const (
	lastHandle  = 1<<24 - 1
	firstPlaces = 16
)

func newDirectory(first Handle, harbor uint8) *directory {
	d := &directory{last: first - 1, harbor: Handle(harbor) << 24}
	p := make(places, firstPlaces)
	d.places.Store(&p)
	return d
}

func (p places) at(a Handle) *atomic.Pointer[Service] { return &p[int(a)&(len(p)-1)] }

// find returns the service at an address, or nil.
func (d *directory) find(a Handle) *Service {
	if s := d.places.Load().at(a).Load(); s != nil && s.handle == a {
		return s
	}
	return nil
}

// add gives a service its address. It reports false when all are taken.
func (d *directory) add(s *Service) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := *d.places.Load()
	if d.count >= len(p)*3/4 {
		if len(p) > lastHandle/2 {
			return false
		}
		p = d.grow(p)
	}
	for {
		if d.last++; d.last > lastHandle {
			d.last = 1
		}
		if place := p.at(d.last); place.Load() == nil {
			s.handle = d.harbor | d.last
			place.Store(s)
			d.count++
			return true
		}
	}
}

func (d *directory) grow(old places) places {
	p := make(places, 2*len(old))
	for i := range old {
		if s := old[i].Load(); s != nil {
			p.at(s.handle).Store(s)
		}
	}
	d.places.Store(&p)
	return p
}

// remove takes a service out; it reports false when that was done before.
func (d *directory) remove(s *Service) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.places.Load().at(s.handle).CompareAndSwap(s, nil) {
		return false
	}
	d.count--
	return true
}

// all returns the services in the order of their places.
func (d *directory) all() []*Service {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := *d.places.Load()
	list := make([]*Service, 0, d.count)
	for i := range p {
		if s := p[i].Load(); s != nil {
			list = append(list, s)
		}
	}
	return list
}
