package lib_test

import (
	"testing"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// BenchmarkOpen makes a state with all libraries, as each service has one.
func BenchmarkOpen(b *testing.B) {
	for _, profile := range []struct {
		name string
		lib.Profile
	}{{"full", lib.Full}, {"sandbox", lib.Sandbox}} {
		b.Run(profile.name, func(b *testing.B) {
			l := lib.New(lib.Options{Profile: profile.Profile})
			b.ReportAllocs()
			for b.Loop() {
				l.Open(vm.NewState(vm.Options{}))
			}
		})
	}
}
