package host

import (
	"fmt"
	"testing"

	"github.com/luahost/luahost/vm"
)

// An unpacker that has read other messages, or given up on one, reads the next as a new one does.
func TestUnpackerIsUsedAgain(t *testing.T) {
	state := vm.NewState(vm.Options{})
	used := new(unpacker)
	if _, err := used.unpack(nil, state, []byte{packTable | 2<<3, packNumber | numberByte<<3, 7}); err == nil {
		t.Fatal("half a message was read")
	}
	if len(used.stack) != 0 {
		t.Fatal("the unpacker holds what it gave up on")
	}
	for i := range 300 {
		text := fmt.Sprintf("field%d", i)
		b := append([]byte{packShortString | byte(len(text))<<3}, text...)
		message := append([]byte{packTable | 1<<3}, b...)
		message = append(append(message, b...), packTable, packNil, packNil) // {text, [text] = {}}
		v, err := used.unpack(nil, state, message)
		if err != nil {
			t.Fatal(err)
		}
		table, _ := v[0].AsTable()
		if s, _ := table.GetInt(1).AsString(); s != text {
			t.Fatalf("%q, want %q", s, text)
		}
		if _, ok := table.GetString(text).AsTable(); !ok {
			t.Fatalf("no field %s", text)
		}
	}
	for _, v := range used.stack[:cap(used.stack)] {
		if !v.IsNil() {
			t.Fatal("the unpacker holds values of messages")
		}
	}
}
