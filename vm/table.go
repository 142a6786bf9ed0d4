package vm

import (
	"errors"
	"hash/maphash"
	"math"
	"math/bits"
)

// Table is a Lua table: an array part for the keys 1..len(arr), and a hash part of chained nodes for all others.
//
// Three rules keep it simple and fast:
//   - the array part never ends in nil, so the length operator costs nothing;
//   - a key that follows the array part directly is never in the hash part (it is moved over when it comes within reach);
//   - a cleared field keeps its node until the next rehash, so that next finds its way while a loop clears fields.
type Table struct {
	arr      []Value
	first    *node // of the hash part: see nodes
	meta     *Table
	owner    *State
	role     *tableRole // of a metatable or a weak table
	lastFree int32      // nodes at and above it are, or have been, in use
	log      uint8      // of the number of nodes
	flags    uint8
	absent   uint8 // a bit an event whose metamethod this table, as a metatable, is known to lack
}

const (
	tableShared  = 1 << iota // nodes belong to a Library: copy them before the first write
	tableIntKeys             // the hash part may hold positive integers
	tableWeak                // content is in role.weak
	tableMeta                // some table's metatable: role.index is kept
	tableHoles               // the array part may have nils
	tableFinal               // has, or had, a __gc metamethod
	tableNew                 // made by code that is on trial: writes to it need not be undone
	tableLayered             // fields that are not here may be in role.base
)

// tableRole is what only metatables, weak and layered tables need.
type tableRole struct {
	weak  *weakContent
	held  []*ephemeron // the values that this table has as a key of weak tables
	index *Table       // __index, when that is a table
	known bool         // index is up to date
	base  *Library     // what a layered table shares with those of other states
}

type node struct {
	key, val Value
	hash     uint32
	next     int32 // index+1 of the next node of the chain, 0 at its end
}

const (
	valueSize = 16
	nodeSize  = 40
	tableSize = 64

	maxArray = 1 << 30
)

var (
	errNilKey  = errors.New("table index is nil")
	errNaNKey  = errors.New("table index is NaN")
	errNextKey = errors.New("invalid key to 'next'")
)

// tombstone replaces the key of a node whose key went to the array part, so that next finds it only there.
// NaN is no key.
var tombstone = Number(math.NaN())

// hashSeed keeps a peer from choosing keys that collide.
var hashSeed = maphash.MakeSeed()

func hashString(s string) uint32 { return uint32(maphash.String(hashSeed, s)) }

// hash returns the hash of a string; that of a long one is counted as work.
func (t *Table) hash(key Value) uint32 {
	s := key.str()
	if len(s) > 1024 && t.owner != nil {
		t.owner.work(len(s))
	}
	return hashString(s)
}

// hashNumber keeps neighbouring integers in neighbouring nodes, for the sake of the cache: within 256 of them only the
// place of the whole group is scattered.
func hashNumber(key Value) uint32 {
	f := key.number()
	if i := int64(f); float64(i) == f {
		return uint32(i) ^ hashBits(uint64(i)>>8)
	}
	return hashBits(key.n)
}

func hashBits(n uint64) uint32 { return uint32(n * 0x9E3779B97F4A7C15 >> 32) }

func hashValue(v Value) uint32 {
	switch {
	case v.isNumber():
		return hashNumber(v)
	case v.isString():
		return hashString(v.str())
	}
	return hashBits(uint64(v.address())>>3 ^ v.n)
}

// arrayIndex returns k as an integer key when it is one that an array part could hold.
func arrayIndex(k Value) (int, bool) {
	f := k.number()
	i := int(f)
	return i, float64(i) == f && i > 0
}

// Get returns the value of key without metamethods; nil when absent.
func (t *Table) Get(key Value) Value {
	switch {
	case key.isNumber():
		if i, ok := arrayIndex(key); ok && i <= len(t.arr) {
			return t.arr[i-1]
		}
		return t.getNumber(key)
	case key.isString():
		return t.getString(key, t.hash(key))
	}
	return t.getOther(key)
}

// GetInt returns t[i].
func (t *Table) GetInt(i int) Value {
	if uint(i-1) < uint(len(t.arr)) {
		return t.arr[i-1]
	}
	return t.getNumber(Int(i))
}

// GetString returns t[s].
func (t *Table) GetString(s string) Value { return t.getString(String(s), hashString(s)) }

func (t *Table) getNumber(key Value) Value {
	if n := t.findNumber(key); n != nil {
		return n.val
	}
	return t.weakGet(key)
}

func (t *Table) getString(key Value, h uint32) Value {
	if t.first != nil {
		for n := t.node(int(h)); ; n = t.chained(n) {
			if n.key.n == key.n && (n.key.p == key.p || n.hash == h && n.key.isString() && n.key.str() == key.str()) {
				return n.val
			}
			if n.next == 0 {
				break
			}
		}
	}
	if t.flags&(tableWeak|tableLayered) != 0 {
		return t.getElsewhere(key, h)
	}
	return Value{}
}

func (t *Table) getElsewhere(key Value, h uint32) Value {
	if t.flags&tableWeak != 0 {
		return t.weakGet(key)
	}
	return t.pullFromBase(key, h)
}

// field looks up a string key along a chain of tables that are each other's __index. done is false when the search
// ends at a metatable with something else to say.
func (t *Table) field(key Value, h uint32) (v Value, done bool) {
	for range maxMetaLoop {
		if v = t.getString(key, h); !v.IsNil() || t.meta == nil {
			return v, true
		}
		if t = plainIndex(t.meta); t == nil {
			break
		}
	}
	return Value{}, false
}

func (t *Table) getOther(key Value) Value {
	if n := t.findOther(key); n != nil {
		return n.val
	}
	return t.weakGet(key)
}

func (t *Table) findNumber(key Value) *node {
	if t.first == nil {
		return nil
	}
	if key.n == 1<<63 {
		key.n = 0 // -0 and 0 are one key
	}
	for n := t.node(int(hashNumber(key))); ; n = t.chained(n) {
		if n.key == key {
			return n
		}
		if n.next == 0 {
			return nil
		}
	}
}

func (t *Table) findString(key Value, h uint32) *node {
	if t.first == nil {
		return nil
	}
	for n := t.node(int(h)); ; n = t.chained(n) {
		if n.key.n == key.n && (n.key.p == key.p || n.hash == h && n.key.isString() && n.key.str() == key.str()) {
			return n
		}
		if n.next == 0 {
			return nil
		}
	}
}

func (t *Table) findOther(key Value) *node {
	if t.first == nil {
		return nil
	}
	for n := t.node(int(hashValue(key))); ; n = t.chained(n) {
		if n.key == key {
			return n
		}
		if n.next == 0 {
			return nil
		}
	}
}

func (t *Table) find(key Value) *node {
	switch {
	case key.isNumber():
		return t.findNumber(key)
	case key.isString():
		return t.findString(key, t.hash(key))
	}
	return t.findOther(key)
}

// Set stores v under key without metamethods; nil removes the field.
// The errors are those of a nil or NaN key.
func (t *Table) Set(key, v Value) error {
	if key.isNumber() {
		if i, ok := arrayIndex(key); ok {
			t.SetInt(i, v)
			return nil
		}
		if f := key.number(); f != f {
			return errNaNKey
		} else if f == 0 {
			key = Number(0)
		}
	} else if key.IsNil() {
		return errNilKey
	}
	t.set(key, v)
	return nil
}

// SetString stores v under s.
func (t *Table) SetString(s string, v Value) { t.setString(String(s), hashString(s), v) }

// SetInt stores v under i.
func (t *Table) SetInt(i int, v Value) {
	n := len(t.arr)
	switch {
	case uint(i-1) < uint(n):
		if t.owner.journal != nil {
			t.owner.journal.tableWrite(t, Int(i), t.arr[i-1])
		}
		t.arr[i-1] = v
		if v.IsNil() {
			if i == n {
				t.trim()
			} else {
				t.flags |= tableHoles
			}
		}
	case i == n+1 && t.flags&tableWeak == 0:
		if v.IsNil() {
			t.set(Int(i), v)
			return
		}
		if t.owner.journal != nil {
			t.owner.journal.tableWrite(t, Int(i), Value{})
		}
		t.push(v)
	default:
		t.set(Int(i), v)
	}
}

// trim drops the nils at the end of the array part; the room stays.
func (t *Table) trim() {
	n := len(t.arr)
	for n > 0 && t.arr[n-1].IsNil() {
		n--
	}
	t.arr = t.arr[:n]
}

// push appends to the array part, and moves over what then follows it in the hash part.
func (t *Table) push(v Value) {
	n := len(t.arr)
	if n == cap(t.arr) {
		if n >= 8 && t.sparse(n/2) { // it serves as a queue, perhaps
			t.rehash(Int(n+1), v)
			return
		}
		t.growArray(max(4, 2*n))
	}
	t.arr = append(t.arr, v)
	if t.flags&tableIntKeys != 0 {
		if dead := t.findNumber(Int(n + 1)); dead != nil {
			dead.key = tombstone
		}
		t.pullFromHash()
	}
}

// sparse tells whether fewer than least elements of the array part are not nil.
func (t *Table) sparse(least int) bool {
	used := 0
	for i := range t.arr {
		if !t.arr[i].IsNil() {
			used++
		}
	}
	return used < least
}

func (t *Table) growArray(size int) {
	t.owner.charge((size - cap(t.arr)) * valueSize)
	arr := make([]Value, len(t.arr), size)
	copy(arr, t.arr)
	t.arr = arr
}

func (t *Table) pullFromHash() {
	for {
		n := t.findNumber(Int(len(t.arr) + 1))
		if n == nil || n.val.IsNil() {
			return
		}
		if len(t.arr) == cap(t.arr) {
			t.growArray(2*len(t.arr) + 4)
		}
		t.arr = append(t.arr, n.val)
		n.key, n.val = tombstone, Value{}
	}
}

func (t *Table) set(key, v Value) {
	if key.isString() {
		t.setString(key, t.hash(key), v)
		return
	}
	t.setNode(key, hashValue(key), t.find(key), v)
}

func (t *Table) setString(key Value, h uint32, v Value) {
	if t.first != nil && t.flags&(tableShared|tableWeak|tableLayered|tableMeta) == 0 && t.owner.journal == nil && !v.IsNil() {
		// Where the key's main place was never used the key is nowhere, and it can go there.
		if n := t.node(int(h)); n.key.IsNil() {
			n.key, n.val, n.hash = key, v, h
			t.absent = 0
			return
		}
	}
	t.setNode(key, h, t.findString(key, h), v)
}

func (t *Table) setNode(key Value, h uint32, n *node, v Value) {
	if t.owner.journal != nil {
		t.owner.journal.tableWrite(t, key, t.Get(key))
	}
	if t.flags&(tableShared|tableWeak|tableLayered) != 0 {
		if t.flags&tableWeak != 0 {
			t.weakSet(key, v)
			return
		}
		switch {
		case t.flags&tableLayered != 0:
			if v.IsNil() && t.inBase(key) {
				t.flatten()
			}
		case n == nil && v.IsNil():
			return
		default:
			t.unshare()
		}
		n = t.find(key)
	}
	if t.absent = 0; t.flags&tableMeta != 0 {
		t.role.known = false
	}
	if n != nil {
		n.val = v
		return
	}
	if !v.IsNil() {
		t.insert(key, h, v)
	}
}

func (t *Table) unshare() {
	nodes := t.nodes()
	t.owner.charge(len(nodes) * nodeSize)
	t.setNodes(append([]node(nil), nodes...))
	t.flags &^= tableShared
}

// insert adds a key that is not in the table (Brent's variation: a node is in its main position,
// unless that is taken by another node that is in its own).
func (t *Table) insert(key Value, h uint32, v Value) {
	if key.isNumber() {
		if _, ok := arrayIndex(key); ok {
			t.flags |= tableIntKeys
		}
	}
	if t.first == nil {
		t.rehash(key, v)
		return
	}
	nodes := t.nodes()
	main := t.place(int(h))
	mp := &nodes[main]
	if mp.val.IsNil() {
		mp.key, mp.val, mp.hash = key, v, h
		return
	}
	free := t.freeNode()
	if free < 0 {
		t.rehash(key, v)
		return
	}
	fp := &nodes[free]
	if other := t.place(int(mp.hash)); other != main {
		prev := &nodes[other]
		for int(prev.next-1) != main {
			prev = &nodes[prev.next-1]
		}
		prev.next = int32(free + 1)
		*fp = *mp
		*mp = node{key: key, val: v, hash: h}
		return
	}
	*fp = node{key: key, val: v, hash: h, next: mp.next}
	mp.next = int32(free + 1)
}

// freeNode returns a node that was never used, or -1.
func (t *Table) freeNode() int {
	nodes := t.nodes()
	for t.lastFree > 0 {
		t.lastFree--
		if nodes[t.lastFree].key.IsNil() {
			return int(t.lastFree)
		}
	}
	return -1
}

// rehash finds new sizes for both parts, with room for one more key, and stores it.
func (t *Table) rehash(key, v Value) {
	var counts [32]int // counts[i]: integer keys in (2^(i-1), 2^i]
	ints, total := t.countKeys(&counts)
	if i, ok := arrayIndex(key); ok && key.isNumber() && i <= maxArray {
		counts[bits.Len(uint(i-1))]++
		ints++
	}
	total++
	size, inArray := arraySize(&counts, ints)
	nodes := hashSize(total-inArray, len(t.nodes()))
	if i, ok := arrayIndex(key); ok && key.isNumber() && i <= size {
		t.resize(size, nodes, i, v)
		return
	}
	t.resize(size, nodes, 0, Value{})
	_ = t.Set(key, v)
}

func (t *Table) countKeys(counts *[32]int) (ints, total int) {
	for i := range t.arr {
		if !t.arr[i].IsNil() {
			counts[bits.Len(uint(i))]++
			ints++
		}
	}
	total = ints
	nodes := t.nodes()
	for i := range nodes {
		n := &nodes[i]
		if n.val.IsNil() {
			continue
		}
		total++
		if n.key.isNumber() {
			if k, ok := arrayIndex(n.key); ok && k <= maxArray {
				counts[bits.Len(uint(k-1))]++
				ints++
			}
		}
	}
	return ints, total
}

// arraySize picks the largest power of two of which more than half would be in use.
func arraySize(counts *[32]int, ints int) (size, used int) {
	sum := 0
	for i, p := 0, 1; i < len(counts) && p/2 < ints; i, p = i+1, p*2 {
		sum += counts[i]
		if sum > p/2 {
			size, used = p, sum
		}
	}
	return size, used
}

// hashSize leaves a quarter free where a table has been rehashed at this size before,
// so that a queue of a steady length is not rehashed at every push.
func hashSize(keys, old int) int {
	if keys == 0 {
		return 0
	}
	size := 1 << bits.Len(uint(keys-1))
	if size == old && keys > size/4*3 {
		size *= 2
	}
	return size
}

// resize gives the array part room for size values and the hash part for nodes, puts each key where it belongs,
// and stores v under index, unless that is 0.
func (t *Table) resize(size, nodes, index int, v Value) {
	oldArr, old := t.arr, t.nodes()
	t.owner.charge(max(0, size-cap(oldArr))*valueSize + max(0, nodes-len(old))*nodeSize)
	t.flags &^= tableIntKeys | tableShared | tableHoles
	t.setNodes(make([]node, nodes))
	t.lastFree = int32(nodes)
	top := max(index, min(size, len(oldArr)))
	for i := range old {
		n := &old[i]
		if n.key.isNumber() && !n.val.IsNil() {
			if k, ok := arrayIndex(n.key); ok && k <= size && k > top {
				top = k
			}
		}
	}
	if size != cap(oldArr) {
		t.arr = make([]Value, top, size)
		copy(t.arr, oldArr)
	} else {
		t.arr = t.arr[:top]
		clear(t.arr[min(top, len(oldArr)):])
	}
	for i := size; i < len(oldArr); i++ {
		if !oldArr[i].IsNil() {
			k := Int(i + 1)
			t.insert(k, hashNumber(k), oldArr[i])
		}
	}
	for i := range old {
		n := &old[i]
		if n.val.IsNil() {
			continue
		}
		if n.key.isNumber() {
			if k, ok := arrayIndex(n.key); ok && k <= top {
				t.arr[k-1] = n.val
				continue
			}
		}
		t.insert(n.key, n.hash, n.val)
	}
	t.leave(old)
	if index > 0 {
		t.arr[index-1] = v
	}
	t.trim()
	if t.sparse(len(t.arr)) {
		t.flags |= tableHoles
	}
	if t.flags&tableIntKeys != 0 {
		t.pullFromHash()
	}
}

// setList stores values under first, first+1, ... as a table constructor does: nils between them keep their places.
func (t *Table) setList(first int, values []Value) {
	const far = 1 << 16 // a hostile binary chunk may name any place
	if t.owner.journal != nil || len(t.arr) >= first || first-len(t.arr) > far {
		for i, v := range values {
			t.SetInt(first+i, v)
		}
		return
	}
	if need := first - 1 + len(values); need > cap(t.arr) {
		t.growArray(need)
	}
	known := len(t.arr)
	for len(t.arr) < first-1 {
		t.arr = append(t.arr, Value{})
	}
	t.arr = append(t.arr, values...)
	for i := known; t.flags&tableIntKeys != 0 && i < len(t.arr); i++ {
		if n := t.findNumber(Int(i + 1)); n != nil {
			n.key, n.val = tombstone, Value{} // {[2] = x, y, z}: the positional one is stored later
		}
	}
	t.trim()
	for i := min(known, len(t.arr)); i < len(t.arr) && t.flags&tableHoles == 0; i++ {
		if t.arr[i].IsNil() {
			t.flags |= tableHoles
		}
	}
	if t.flags&tableIntKeys != 0 {
		t.pullFromHash()
	}
}

// SetList stores values under 1, 2, ... as a table constructor does: nils between them keep their places.
func (t *Table) SetList(values []Value) { t.setList(1, values) }

// Len returns a border (manual section 3.4.6) without metamethods. Where nils leave several to choose from, it is
// the one that C Lua's binary search finds, as long as the array part has the size that C Lua would give it.
func (t *Table) Len() int {
	if t.flags&(tableWeak|tableHoles) != 0 {
		return t.searchLen()
	}
	return len(t.arr)
}

func (t *Table) searchLen() int {
	if t.flags&tableWeak != 0 {
		return t.weakLen()
	}
	n := len(t.arr)
	if n == cap(t.arr) {
		return n
	}
	low, high := 0, cap(t.arr)
	for high-low > 1 {
		if m := (low + high) / 2; m > n || t.arr[m-1].IsNil() {
			high = m
		} else {
			low = m
		}
	}
	return low
}

// Array returns the array part in place, for reading until the table is written to: the values of the keys from 1 on,
// at least to Len(). It is nil for a weak table.
func (t *Table) Array() []Value { return t.arr }

// Insert moves the values of keys i to Len() up by one and stores v under i, which is at most Len()+1.
func (t *Table) Insert(i int, v Value) {
	n := t.Len()
	if n >= i {
		t.SetInt(n+1, t.GetInt(n))
		t.move(i+1, i, n-i)
	}
	t.SetInt(i, v)
}

// Remove takes out the value of key i, at most Len(), moves those above it down by one, and returns it.
func (t *Table) Remove(i int) Value {
	n := t.Len()
	v := t.GetInt(i)
	t.move(i, i+1, n-i)
	t.SetInt(n, Value{})
	return v
}

// move copies n values from the keys that begin at one place to those that begin at another.
func (t *Table) move(to, from, n int) {
	if top := max(to, from) + n - 1; t.owner.journal == nil && top <= len(t.arr) && n > 0 {
		copy(t.arr[to-1:top], t.arr[from-1:from-1+n])
		return
	}
	if to < from {
		for i := range n {
			t.SetInt(to+i, t.GetInt(from+i))
		}
		return
	}
	for i := n - 1; i >= 0; i-- {
		t.SetInt(to+i, t.GetInt(from+i))
	}
}

// Next returns the field after key in traversal order; a nil key starts, a nil result ends.
// The error is that of a key that was never in the table.
func (t *Table) Next(key Value) (k, v Value, err error) {
	if t.flags&(tableWeak|tableLayered) != 0 {
		if t.flags&tableWeak != 0 {
			return t.weakNext(key)
		}
		t.flatten()
	}
	i, inArray, err := t.position(key)
	if err != nil {
		return Value{}, Value{}, err
	}
	if inArray {
		for ; i < len(t.arr); i++ {
			if !t.arr[i].IsNil() {
				return Int(i + 1), t.arr[i], nil
			}
		}
		i = 0
	}
	nodes := t.nodes()
	for ; i < len(nodes); i++ {
		if n := &nodes[i]; !n.val.IsNil() {
			return n.key, n.val, nil
		}
	}
	return Value{}, Value{}, nil
}

// position returns where the traversal goes on after key: in the array part or among the nodes.
func (t *Table) position(key Value) (i int, inArray bool, err error) {
	if key.IsNil() {
		return 0, true, nil
	}
	k, isIndex := 0, false
	if key.isNumber() {
		if k, isIndex = arrayIndex(key); isIndex && k <= len(t.arr) {
			return k, true, nil
		}
	}
	if n := t.find(key); n != nil {
		return t.indexOf(n) + 1, false, nil
	}
	if isIndex && k <= cap(t.arr) {
		return 0, false, nil // it was the array part's end until a loop cleared it
	}
	return 0, false, errNextKey
}

// indexOf finds a node's place by walking its chain again, which spares a pointer difference.
func (t *Table) indexOf(n *node) int {
	nodes := t.nodes()
	for i := t.place(int(n.hash)); ; i = int(nodes[i].next - 1) {
		if &nodes[i] == n {
			return i
		}
	}
}

// Metatable returns the table's metatable, or nil.
func (t *Table) Metatable() *Table { return t.meta }

// Value returns t as a Lua value.
func (t *Table) Value() Value { return tableValue(t) }

// bytes is the table's share of its state's memory.
func (t *Table) bytes() int {
	b := tableSize + cap(t.arr)*valueSize
	if t.flags&tableShared == 0 {
		b += len(t.nodes()) * nodeSize
	}
	if t.flags&tableFinal != 0 {
		b += finalBytes
	}
	return b
}
