package bytecode

import (
	"reflect"
	"testing"
)

func FuzzLoad(f *testing.F) {
	for _, chunk := range realChunks(f) {
		f.Add(chunk)
		f.Add(chunk[:len(chunk)/2])
	}
	f.Fuzz(func(t *testing.T, chunk []byte) { checkLoad(t, chunk) })
}

func FuzzCompile(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(randomProgram(seed))
		f.Add(mutatedProgram(seed))
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 10_000 {
			t.Skip("go-lua is slow with many jumps to one place")
		}
		p, err := Compile(source, "=x")
		if err != nil {
			messageOf(t, err)
			return
		}
		each(p, func(p *Proto) { walk(t, p) })
		q, err := Load(Dump(p, false), "=x")
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(stripNaN(p), stripNaN(q)) {
			t.Error("the prototype changes when it is dumped and loaded")
		}
	})
}

// stripNaN replaces the numbers that do not equal themselves.
func stripNaN(p *Proto) *Proto {
	each(p, func(p *Proto) {
		for i, k := range p.Constants {
			if n, ok := k.(float64); ok && n != n {
				p.Constants[i] = "nan"
			}
		}
	})
	return p
}
