package pattern

const (
	cacheSize = 8
	// maxCached is the length of the longest pattern whose program is kept.
	maxCached = 256
)

// cache keeps the programs of the patterns used last.
type cache [cacheSize]*program

// get returns the program of pat. What compiling costs is taken from budget.
func (c *cache) get(pat string, budget *int64) *program {
	if len(pat) > maxCached {
		p := new(program)
		*budget -= int64(len(pat))
		p.compile(pat)
		return p
	}
	slot := &c[hash(pat)%cacheSize]
	p := *slot
	if p != nil && p.pat == pat {
		return p
	}
	if p == nil {
		p = new(program)
		*slot = p
	}
	*budget -= int64(len(pat))
	p.compile(pat)
	return p
}

// hash tells apart patterns of different lengths, starts or ends: enough for the
// few that a loop uses.
func hash(pat string) uint {
	n := uint(len(pat))
	if n == 0 {
		return 0
	}
	return n + uint(pat[0])*3 + uint(pat[n/2])*5 + uint(pat[n-1])*7
}
