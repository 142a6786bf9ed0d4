package vm

// plan leads from the functions of one unit to those of another version of it. It is shared by states, and does not
// keep the old unit alive.
type plan struct {
	to     *unit
	steps  []step // by index of the old function
	cellOf []int  // the old number of each of the new main chunk's variables, or -1
}

// step is what becomes of one function.
type step struct {
	to      *Proto // nil: the function was removed
	sources []int  // where each upvalue of the new body comes from: an upvalue of the old one, or one of these
}

const (
	fromModule = -1 - iota // the main chunk's variable, which exists once in a state
	missing                // the old closure never had it: it is stuck on its old code
)

// stuck returns the name of a variable that the closure can't be given, or "".
func (s *step) stuck() string {
	if s.to != nil {
		for i, src := range s.sources {
			if src == missing {
				return s.to.upvalueName(i)
			}
		}
	}
	return ""
}

// same reports whether the new body of p is the old one, apart from what functions inside it do.
func (s *step) same(p *Proto) bool {
	return s.to != nil && s.to.unit.info(s.to).own == p.unit.info(p).own
}

// FunctionChange says what a new version of a chunk does to one function.
type FunctionChange struct {
	Function string // "M.make/inner", "main chunk"
	Kind     ChangeKind
	OldLine  int // where it begins; 0: it is new, or the main chunk
	NewLine  int // 0: it is gone, or the main chunk
	// Stuck names a variable that instances made by the old code lack: they can't get the new code.
	Stuck string
}

// ChangeKind is what happened to a function.
type ChangeKind string

const (
	Same    ChangeKind = "same"
	Moved   ChangeKind = "moved" // to other lines
	Changed ChangeKind = "changed"
	Renamed ChangeKind = "renamed"
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
)

// differ pairs the functions of two units.
type differ struct {
	old, new *unit
	toNew    []int // by old index, -1
	toOld    []int
	renamed  map[int]bool // by new index
}

func compare(old, new *unit) *differ {
	d := &differ{old: old, new: new, renamed: map[int]bool{}}
	old.info(old.main())
	new.info(new.main())
	d.toNew, d.toOld = unpaired(len(old.protos)), unpaired(len(new.protos))
	d.pair(0, 0)
	d.findRenamed()
	return d
}

func unpaired(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = -1
	}
	return p
}

// pair makes two functions versions of each other, and then the functions inside them.
func (d *differ) pair(o, n int) {
	d.toNew[o], d.toOld[n] = n, o
	oldByName, newByName := d.children(d.old, o, d.toNew), d.children(d.new, n, d.toOld)
	for _, child := range d.new.protos[n].protos {
		name := d.new.infos[child.index].name
		if news := newByName[name]; news != nil {
			newByName[name] = nil
			d.align(oldByName[name], news)
		}
	}
}

// children groups the unpaired functions inside a function by name, in their order.
func (d *differ) children(u *unit, i int, paired []int) map[string][]int {
	m := map[string][]int{}
	for _, child := range u.protos[i].protos {
		if paired[child.index] < 0 {
			name := u.infos[child.index].name
			m[name] = append(m[name], child.index)
		}
	}
	return m
}

// align pairs functions of one name: those with equal code by a longest common subsequence, then those between two
// such pairs in their order.
func (d *differ) align(olds, news []int) {
	length := make([][]int, len(olds)+1)
	for i := range length {
		length[i] = make([]int, len(news)+1)
	}
	equal := func(i, j int) bool { return d.old.infos[olds[i]].deep == d.new.infos[news[j]].deep }
	for i := len(olds) - 1; i >= 0; i-- {
		for j := len(news) - 1; j >= 0; j-- {
			if equal(i, j) {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	i, j, gapI, gapJ := 0, 0, 0, 0
	flush := func() {
		for gapI < i && gapJ < j {
			d.pair(olds[gapI], news[gapJ])
			gapI++
			gapJ++
		}
	}
	for i < len(olds) && j < len(news) {
		switch {
		case equal(i, j):
			flush()
			d.pair(olds[i], news[j])
			i++
			j++
			gapI, gapJ = i, j
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	i, j = len(olds), len(news)
	flush()
}

// findRenamed pairs what is left when the same code stands once among the old functions and once among the new.
func (d *differ) findRenamed() {
	olds, news := map[[16]byte][]int{}, map[[16]byte][]int{}
	for i, n := range d.toNew {
		if n < 0 {
			h := d.old.infos[i].deep
			olds[h] = append(olds[h], i)
		}
	}
	for i, o := range d.toOld {
		if o < 0 {
			h := d.new.infos[i].deep
			news[h] = append(news[h], i)
		}
	}
	for i, o := range d.toOld { // in the order of the source, so that outer functions come first
		h := d.new.infos[i].deep
		if o < 0 && d.toOld[i] < 0 && len(olds[h]) == 1 && len(news[h]) == 1 && d.toNew[olds[h][0]] < 0 {
			d.renamed[i] = true
			d.pair(olds[h][0], i)
		}
	}
}

// plan tells for each old function where the variables of its new body come from.
func (d *differ) plan() *plan {
	p := &plan{to: d.new, steps: make([]step, len(d.old.protos))}
	for i, n := range d.toNew {
		if n < 0 {
			continue
		}
		old, info := &d.old.infos[i], &d.new.infos[n]
		s := step{to: d.new.protos[n], sources: make([]int, len(info.vars))}
		for u, v := range info.vars {
			s.sources[u] = d.source(old, info, u, v)
		}
		p.steps[i] = s
	}
	p.cellOf = make([]int, len(d.new.cells))
	for i, v := range d.new.cells {
		p.cellOf[i] = -1
		for j, w := range d.old.cells {
			if d.sameVariable(w, v) {
				p.cellOf[i] = j
			}
		}
	}
	return p
}

func (d *differ) source(old, new *functionInfo, u int, v variable) int {
	for j, w := range old.vars {
		if d.sameVariable(w, v) {
			return j
		}
	}
	if v.function < 0 || new.cell[u] >= 0 {
		return fromModule
	}
	return missing
}

// sameVariable reports whether two declarations are versions of each other.
func (d *differ) sameVariable(old, new variable) bool {
	if !old.known() || !new.known() || old.name != new.name || old.nth != new.nth {
		return false
	}
	if old.function < 0 || new.function < 0 {
		return old.function < 0 && new.function < 0
	}
	return d.toNew[old.function] == new.function
}

// compose makes one plan of two, the first of which leads to where the second begins.
func compose(a, b *plan) *plan {
	p := &plan{to: b.to, steps: make([]step, len(a.steps))}
	for i := range a.steps {
		first := &a.steps[i]
		if first.to == nil {
			continue
		}
		second := &b.steps[first.to.index]
		if second.to == nil {
			continue
		}
		s := step{to: second.to, sources: make([]int, len(second.sources))}
		for u, src := range second.sources {
			if src >= 0 {
				src = first.sources[src]
			}
			s.sources[u] = src
		}
		p.steps[i] = s
	}
	return p
}

// changes lists what the new unit does to each function, in its order; what was removed comes last.
func (d *differ) changes(p *plan) []FunctionChange {
	var list []FunctionChange
	for i, n := range d.toOld {
		info, line := &d.new.infos[i], d.new.protos[i].source.LineDefined
		c := FunctionChange{Function: info.path, Kind: Added, NewLine: line}
		if n >= 0 {
			c.OldLine = d.old.protos[n].source.LineDefined
			switch {
			case d.old.infos[n].own != info.own:
				c.Kind = Changed
			case d.renamed[i]:
				c.Kind = Renamed
			case c.OldLine != line:
				c.Kind = Moved
			default:
				c.Kind = Same
			}
			c.Stuck = p.steps[n].stuck()
		}
		list = append(list, c)
	}
	for i, n := range d.toNew {
		if n < 0 {
			list = append(list, FunctionChange{Function: d.old.infos[i].path, Kind: Removed, OldLine: d.old.protos[i].source.LineDefined})
		}
	}
	return list
}
