package bytecode

import (
	"encoding/binary"
	"math"
)

// Dump returns p as a precompiled chunk that C Lua 5.2 loads on a 64-bit little-endian machine.
// Strip leaves out source, lines and the names of variables, as luac -s does.
func Dump(p *Proto, strip bool) []byte {
	w := &writer{chunk: []byte(headerOf(wordSize)), strip: strip}
	w.function(p)
	return w.chunk
}

type writer struct {
	chunk []byte
	strip bool
}

func (w *writer) byte(n int) { w.chunk = append(w.chunk, byte(n)) }

func (w *writer) bool(b bool) {
	if b {
		w.byte(1)
	} else {
		w.byte(0)
	}
}

func (w *writer) int(n int) { w.chunk = binary.LittleEndian.AppendUint32(w.chunk, uint32(n)) }

func (w *writer) string(s string) {
	w.chunk = binary.LittleEndian.AppendUint64(w.chunk, uint64(len(s)+1))
	w.chunk = append(w.chunk, s...)
	w.byte(0)
}

// noString is what takes a string's place where there is none.
func (w *writer) noString() { w.chunk = binary.LittleEndian.AppendUint64(w.chunk, 0) }

func (w *writer) function(p *Proto) {
	w.int(p.LineDefined)
	w.int(p.LastLineDefined)
	w.byte(p.NumParams)
	w.bool(p.IsVararg)
	w.byte(p.MaxStack)
	w.int(len(p.Code))
	for _, i := range p.Code {
		w.chunk = binary.LittleEndian.AppendUint32(w.chunk, i)
	}
	w.int(len(p.Constants))
	for _, k := range p.Constants {
		w.constant(k)
	}
	w.int(len(p.Protos))
	for _, inner := range p.Protos {
		w.function(inner)
	}
	w.int(len(p.Upvalues))
	for _, u := range p.Upvalues {
		w.bool(u.InStack)
		w.byte(u.Index)
	}
	if w.strip {
		w.noString()
		w.int(0) // lines
		w.int(0) // local variables
		w.int(0) // names of upvalues
	} else {
		w.debugInfo(p)
	}
}

func (w *writer) constant(k Constant) {
	switch k := k.(type) {
	case nil:
		w.byte(nilConstant)
	case bool:
		w.byte(boolConstant)
		w.bool(k)
	case float64:
		w.byte(numberConstant)
		w.chunk = binary.LittleEndian.AppendUint64(w.chunk, math.Float64bits(k))
	case string:
		w.byte(stringConstant)
		w.string(k)
	}
}

func (w *writer) debugInfo(p *Proto) {
	w.string(p.Source)
	w.int(len(p.LineInfo))
	for _, line := range p.LineInfo {
		w.int(int(line))
	}
	w.int(len(p.Locals))
	for _, v := range p.Locals {
		w.string(v.Name)
		w.int(v.StartPC)
		w.int(v.EndPC)
	}
	w.int(len(p.Upvalues))
	for _, u := range p.Upvalues {
		if u.Name == "" {
			w.noString()
		} else {
			w.string(u.Name)
		}
	}
}
