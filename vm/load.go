package vm

import (
	"crypto/sha256"
	"errors"
	"runtime"
	"sort"
	"strings"
	"sync"
	"weak"

	"github.com/luahost/luahost/vm/internal/bytecode"
)

// Compiler turns source into prototypes, each text once. It may be shared by states and used from any goroutine.
//
// It keeps the newest code of each chunk name. Older code lives as long as something runs it.
type Compiler struct {
	mu       sync.Mutex
	protos   map[chunkKey]weak.Pointer[Proto]
	newest   map[string]newestChunk // by chunk name
	running  map[chunkKey]*compilation
	compiled int
	counted  bool         // see CountCalls
	recent   recentChunks // of load

	collections collections
}

type chunkKey [sha256.Size]byte

// newestChunk is the code of a chunk name that was asked for last, and its text.
type newestChunk struct {
	proto  *Proto
	source string
}

// compilation is one that is going on.
type compilation struct {
	done  chan struct{}
	proto *Proto
	err   error
}

// NewCompiler makes a compiler with an empty cache.
func NewCompiler() *Compiler {
	c := &Compiler{protos: map[chunkKey]weak.Pointer[Proto]{}, newest: map[string]newestChunk{}, running: map[chunkKey]*compilation{}}
	c.collections.count()
	return c
}

// Compile returns the prototype of a main chunk, from the cache when the same text was compiled under the same name.
// Use it for files; the sources of load are compiled by State.Load and not kept.
// The error tells of the syntax as C Lua words it: "room.lua:3: unexpected symbol near '='".
func (c *Compiler) Compile(source, chunkname string) (*Proto, error) {
	c.mu.Lock()
	newest := c.newest[chunkname]
	c.mu.Unlock()
	if newest.proto != nil && newest.source == source { // cheap where the text is one and the same string
		return newest.proto, nil
	}
	key := chunkKey(sha256.Sum256([]byte(chunkname + "\x00" + source)))
	c.mu.Lock()
	if p := c.protos[key].Value(); p != nil {
		c.newest[chunkname] = newestChunk{p, source}
		c.mu.Unlock()
		return p, nil
	}
	if e := c.running[key]; e != nil {
		c.mu.Unlock()
		<-e.done
		return e.proto, e.err
	}
	e := &compilation{done: make(chan struct{}), err: errors.New("the compiler panicked")}
	c.running[key] = e
	c.compiled++
	c.mu.Unlock()
	defer func() {
		c.finish(key, chunkname, source, e)
		close(e.done)
	}()
	e.proto, e.err = compile(source, chunkname)
	return e.proto, e.err
}

// CompileFile compiles the content of a file. A first line that starts with # does not count.
func (c *Compiler) CompileFile(content, file string) (*Proto, error) {
	return c.Compile(bytecode.SkipFirstLine(content), "@"+file)
}

func (c *Compiler) finish(key chunkKey, chunkname, source string, e *compilation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, key)
	if e.err != nil {
		return
	}
	e.proto.unit.tracked = true
	if c.counted {
		for _, p := range e.proto.unit.protos {
			p.special |= specialCounted
		}
	}
	c.newest[chunkname] = newestChunk{e.proto, source}
	c.protos[key] = weak.Make(e.proto)
	runtime.AddCleanup(e.proto, c.forget, key)
}

// forget drops the entry of code that is gone.
func (c *Compiler) forget(key chunkKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.protos[key].Value() == nil {
		delete(c.protos, key)
	}
}

// Compiled returns how many texts were compiled.
func (c *Compiler) Compiled() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.compiled
}

func compile(source, chunkname string) (*Proto, error) {
	b, err := bytecode.Compile(source, chunkname)
	if err != nil {
		return nil, err
	}
	return newProto(b, nil), nil
}

// Signature begins a binary chunk.
const Signature = "\x1bLua"

// compileMemory is how many bytes of memory a byte of a chunk may take while it is compiled. They are not counted, but have to
// be there: a literal of some megabytes is compiled for seconds, which no budget can interrupt.
const compileMemory = 16

// Load compiles a chunk, text or binary as mode allows ("t", "b" or "bt"), and returns it as a function
// whose first upvalue is env.
func (s *State) Load(chunk, chunkname, mode string, env Value) (Value, error) {
	kind, word := "t", "text"
	if strings.HasPrefix(chunk, Signature[:1]) {
		kind, word = "b", "binary"
	}
	if !strings.Contains(mode, kind) {
		return Value{}, &Error{Value: String("attempt to load a " + word + " chunk (mode is '" + mode + "')")}
	}
	if s.overLimit(int64(compileMemory * len(chunk))) {
		return Value{}, s.outOfMemory()
	}
	var p *Proto
	known := false
	if kind == "b" {
		b, err := bytecode.Load([]byte(chunk), chunkname)
		if err != nil {
			return Value{}, &Error{Value: String(err.Error()), Cause: err}
		}
		p = newProto(b, nil)
	} else {
		var err error
		if p, known, err = s.compiler.recent.compile(chunk, chunkname); err != nil {
			return Value{}, &Error{Value: String(err.Error()), Cause: err}
		}
	}
	if !known {
		s.charge(p.unit.bytes)
	}
	return s.NewFunction(p, env), nil
}

// MainChunk returns the code of a function that is a main chunk.
func MainChunk(f Value) (*Proto, bool) {
	if !f.is(tagLua) || f.closure().proto.parent != nil {
		return nil, false
	}
	return f.closure().proto, true
}

// NewFunction makes a function of a main chunk; its first upvalue is env, the others are nil.
func (s *State) NewFunction(p *Proto, env Value) Value {
	c := newClosure(s, p)
	for i, upvals := 0, c.upvals(); i < len(upvals); i++ {
		upvals[i] = newUpvalue(Value{})
		if i == 0 {
			upvals[i].own = env
		}
	}
	return luaValue(c)
}

// Dump returns the binary chunk of a Lua function, as string.dump does.
func Dump(f Value, strip bool) ([]byte, bool) {
	if !f.is(tagLua) {
		return nil, false
	}
	return bytecode.Dump(f.closure().proto.source, strip), true
}

// closure makes the n-th inner function of the frame f, or finds it where it would be the same as the one made before.
func (t *Thread) closure(f *frame, n int) *closure {
	p := f.proto.protos[n]
	made := f.made
	if p.independent {
		made = f.innerFunction(n)
	}
	if made != nil && made.proto == p && t.sameVariables(f, made) {
		return made
	}
	c := newClosure(t.state, p)
	for i, upvals := 0, c.upvals(); i < len(upvals); i++ {
		if d := &p.upvalues[i]; d.InStack {
			upvals[i] = t.findUpvalue(f.base + d.Index)
		} else {
			upvals[i] = upvalueAt(f.ups, d.Index)
		}
	}
	if p.independent {
		f.cl.keepInner(n, len(f.proto.protos), c)
	} else {
		f.made = c
	}
	if f.proto.parent == nil && p.unit.tracked && !t.state.alone {
		t.state.captured(f, c)
	}
	return c
}

// innerFunction returns the n-th inner function that the closure of f has made last, if it is kept.
func (f *frame) innerFunction(n int) *closure {
	if more := f.cl.more; more != nil && n < len(more.inner) {
		return more.inner[n]
	}
	return nil
}

// sameVariables reports whether a function that f makes now would have the upvalues of c.
func (t *Thread) sameVariables(f *frame, c *closure) bool {
	for i, u := range c.upvals() {
		if d := &c.proto.upvalues[i]; d.InStack {
			if u.v != &t.stack[f.base+d.Index] {
				return false
			}
		} else if u != upvalueAt(f.ups, d.Index) {
			return false
		}
	}
	return true
}

func (c *closure) keepInner(n, count int, inner *closure) {
	if c.more == nil {
		c.more = &closureMore{}
	}
	if len(c.more.inner) < count {
		c.more.inner = make(innerFunctions, count)
	}
	c.more.inner[n] = inner
}

func chunkID(source string) string { return bytecode.ChunkID(source) }

// sortedModules lists the string keys of package.loaded.
func sortedModules(loaded *Table) []string {
	var names []string
	for k, _, _ := loaded.Next(Value{}); !k.IsNil(); k, _, _ = loaded.Next(k) {
		if name, ok := k.AsString(); ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}
