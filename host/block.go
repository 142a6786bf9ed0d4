package host

import (
	"sync"

	"github.com/luahost/luahost/vm"
)

// blocks are bytes that scripts pass on as a light userdata and a size, where skynet in C passes a pointer.
// A block lives until it is sent or freed, or the service that made it ends.
type blocks struct {
	mu      sync.Mutex
	entries []block
	free    []uint32
}

type block struct {
	data  []byte
	owner *Service
	stamp uint32 // raised at each use of the entry, so that a stale light userdata leads nowhere
}

// The light userdata of a block: its entry's index and stamp, and a mark that keeps it from looking like a small number.
const (
	blockIndexBits = 28
	blockStampBits = 20
	blockMark      = 1 << (blockIndexBits + blockStampBits)
)

func (b *blocks) add(owner *Service, data []byte) vm.Value {
	b.mu.Lock()
	defer b.mu.Unlock()
	var i uint32
	if n := len(b.free); n > 0 {
		i = b.free[n-1]
		b.free = b.free[:n-1]
	} else {
		i = uint32(len(b.entries))
		b.entries = append(b.entries, block{})
	}
	e := &b.entries[i]
	e.data, e.owner = data, owner
	owner.blocks++
	return vm.LightUserdata(blockMark | uint64(e.stamp)<<blockIndexBits | uint64(i))
}

// find returns the entry of a light userdata, and its index, or nil.
func (b *blocks) find(v vm.Value) (*block, uint32) {
	bits, ok := v.AsLightUserdata()
	if !ok || bits&^(blockMark-1) != blockMark {
		return nil, 0
	}
	i, stamp := uint32(bits&(1<<blockIndexBits-1)), uint32(bits>>blockIndexBits&(1<<blockStampBits-1))
	if int(i) >= len(b.entries) || b.entries[i].owner == nil || b.entries[i].stamp != stamp {
		return nil, 0
	}
	return &b.entries[i], i
}

func (b *blocks) get(v vm.Value, take bool) ([]byte, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, i := b.find(v)
	if e == nil {
		return nil, false
	}
	data := e.data
	if take {
		b.drop(e, i)
	}
	return data, true
}

func (b *blocks) drop(e *block, i uint32) {
	e.owner.blocks--
	e.data, e.owner = nil, nil
	e.stamp = (e.stamp + 1) & (1<<blockStampBits - 1)
	b.free = append(b.free, i)
}

// release drops the blocks of a service that ends.
func (b *blocks) release(s *Service) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := 0; i < len(b.entries) && s.blocks > 0; i++ {
		if e := &b.entries[i]; e.owner == s {
			b.drop(e, uint32(i))
		}
	}
}

// NewBlock makes a light userdata that stands for data, as a pointer does in skynet: for what skynet.pack returns, and
// for messages that a script unpacks. data must not be changed any more.
func (s *Service) NewBlock(data []byte) vm.Value { return s.host.blocks.add(s, data) }

// MessageBlock returns a block of the message being handled. It lives until the service turns to the next message.
func (s *Service) MessageBlock() vm.Value {
	if s.block.IsNil() {
		s.block = s.NewBlock(s.message.Data)
	}
	return s.block
}

// endBlock ends the block of the message being handled.
func (s *Service) endBlock() {
	if !s.block.IsNil() {
		s.host.TakeBlock(s.block)
		s.block = vm.Value{}
	}
}

// Block returns the bytes that a light userdata stands for; they must not be changed.
// It may be called from any goroutine.
func (h *Host) Block(v vm.Value) (data []byte, ok bool) { return h.blocks.get(v, false) }

// TakeBlock returns the bytes that a light userdata stands for and ends its life, as sending does.
// It may be called from any goroutine.
func (h *Host) TakeBlock(v vm.Value) (data []byte, ok bool) { return h.blocks.get(v, true) }
