package vm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/luahost/luahost/vm"
)

// TestConstantFarBehindTheStack fails, at least with checkptr (go test -race), when the index of a constant is taken for
// that of a register on the way.
func TestConstantFarBehindTheStack(t *testing.T) {
	var b strings.Builder
	b.WriteString("local t = {} ")
	for i := range 240 {
		fmt.Fprintf(&b, "g%d = 'v%d' t.f%d = 'w%d' t[%d] = 'x%d' ", i, i, i, i, i, i)
	}
	b.WriteString("return g239, t.f239, t[239], g239 .. 1 + 2")
	s := vm.NewState(vm.Options{})
	p, err := s.Compiler().Compile(b.String(), "=test")
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Main().Call(s.NewFunction(p, s.Globals().Value()))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(vm.Text(r[0]), vm.Text(r[1]), vm.Text(r[2]), vm.Text(r[3])); got != "v239w239x239v2393" {
		t.Error(got)
	}
}
