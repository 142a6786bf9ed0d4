package sdk

import (
	stdjson "encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/luahost/luahost/bindings/json"
	"github.com/luahost/luahost/vm"
)

// documents are JSON texts of several kinds.
func documents() map[string]string {
	var people []string
	for i := range 1000 {
		people = append(people, fmt.Sprintf(`{"id":%d,"name":"Person %d","email":"person%d@example.org","active":%t,"score":%.3f,"tags":["a","b","c%d"],"address":{"street":"Main street %d","city":"Aville","zip":"%05d"}}`,
			i, i, i, i%2 == 0, float64(i)*1.37, i, i, i))
	}
	var numbers []string
	for i := range 10000 {
		numbers = append(numbers, fmt.Sprintf("%.6g", float64(i)*123.456-500000))
	}
	return map[string]string{
		"message": `{"type":"move","id":1234,"to":{"x":10.5,"y":-3.25},"path":[1,2,3,4],"fast":true,"note":null}`,
		"records": "[" + strings.Join(people, ",") + "]",
		"numbers": "[" + strings.Join(numbers, ",") + "]",
		"text":    `{"text":"` + strings.Repeat(`A line of text with \"quotes\" and ünïcode.\n`, 500) + `"}`,
	}
}

func BenchmarkJSON(b *testing.B) {
	for name, text := range documents() {
		s := vm.NewState(vm.Options{})
		m := json.Open(s)
		encode, decode := m.GetString("encode"), m.GetString("decode")
		call := func(f, arg vm.Value) vm.Value {
			r, err := s.Main().Call(f, arg)
			if err != nil {
				b.Fatal(err)
			}
			return r[0]
		}
		b.Run(name+"/decode/luahost", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				call(decode, vm.String(text))
			}
		})
		b.Run(name+"/decode/encoding_json", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				var v any
				if err := stdjson.Unmarshal([]byte(text), &v); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/encode/luahost", func(b *testing.B) {
			v := call(decode, vm.String(text))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				call(encode, v)
			}
		})
		b.Run(name+"/encode/encoding_json", func(b *testing.B) {
			var v any
			if err := stdjson.Unmarshal([]byte(text), &v); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := stdjson.Marshal(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
