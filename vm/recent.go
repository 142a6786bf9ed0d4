package vm

import (
	"container/list"
	"sync"
)

// recentChunks keeps the code of the texts that load compiled last: programs tend to load the same ones again,
// in loops and in each of many services.
type recentChunks struct {
	mu    sync.Mutex
	chunk map[chunkText]*list.Element
	order list.List // of *recentChunk, the newest first
	bytes int
}

type chunkText struct{ name, source string }

type recentChunk struct {
	text  chunkText
	proto *Proto
}

const (
	maxRecentChunk = 64 << 10 // bytes of a text that is kept at all
	maxRecentBytes = 2 << 20  // of all texts
)

// compile returns the code of a text, and whether it was among the recent ones.
func (r *recentChunks) compile(source, chunkname string) (p *Proto, known bool, err error) {
	key := chunkText{chunkname, source}
	if p := r.get(key); p != nil {
		return p, true, nil
	}
	p, err = compile(source, chunkname)
	if err == nil && len(source) <= maxRecentChunk {
		r.add(key, p)
	}
	return p, false, err
}

func (r *recentChunks) get(key chunkText) *Proto {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.chunk[key]
	if e == nil {
		return nil
	}
	r.order.MoveToFront(e)
	return e.Value.(*recentChunk).proto
}

func (r *recentChunks) add(key chunkText, p *Proto) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.chunk[key] != nil {
		return
	}
	if r.chunk == nil {
		r.chunk = map[chunkText]*list.Element{}
	}
	r.chunk[key] = r.order.PushFront(&recentChunk{key, p})
	r.bytes += len(key.source)
	for r.bytes > maxRecentBytes {
		last := r.order.Remove(r.order.Back()).(*recentChunk)
		delete(r.chunk, last.text)
		r.bytes -= len(last.text.source)
	}
}
