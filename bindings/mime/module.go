package mime

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module mime.core, also as mime.
func Modules() []host.Module {
	return module.New("mime.core", "Stream filters of LuaSocket: each takes what it could not finish before, and a chunk; nil ends the input.").
		Func("b64(c?: string, d?: string) -> out: string|nil, rest: string|nil", coder(B64), "Encodes base64.").
		Func("unb64(c?: string, d?: string) -> out: string|nil, rest: string|nil", coder(Unb64), "Decodes base64.").
		Func("qp(c?: string, d?: string, marker?: string) -> out: string|nil, rest: string|nil", quote, "Encodes quoted-printable.",
			"marker: stands for a line break in the output, CRLF when absent").
		Func("unqp(c?: string, d?: string) -> out: string|nil, rest: string|nil", coder(UnQP), "Decodes quoted-printable.").
		Func("wrp(left: number, text?: string, length?: number) -> out: string|nil, state: number", wrapper(Wrp, WrpEnd), "Breaks text into lines.",
			"left: how many bytes fit into the line that is being written").
		Func("qpwrp(left: number, text?: string, length?: number) -> out: string|nil, state: number", wrapper(QPWrp, QPWrpEnd),
			"Breaks quoted-printable text into lines.").
		Func("eol(last: number, text?: string, marker?: string) -> out: string|nil, state: number", eol, "Makes all line breaks alike.",
			"last: the second result of the call before, 0 at first").
		Func("dot(state: number, text?: string) -> out: string|nil, state: number", dot, "Doubles dots at the start of lines, for SMTP.",
			"state: the second result of the call before, 2 at first").
		Modules("mime")
}

// coder makes the function of a filter that takes the unfinished rest and a chunk.
func coder(filter func(c, d string, hasD bool) (out, rest string)) vm.Func {
	return func(c *vm.Call) error { return code(c, filter) }
}

func quote(c *vm.Call) error {
	marker := c.OptString(3, crlf)
	return code(c, func(a, b string, hasB bool) (string, string) { return QP(a, b, hasB, marker) })
}

func code(c *vm.Call, filter func(c, d string, hasD bool) (out, rest string)) error {
	if c.Arg(1).IsNil() {
		c.Push(vm.Nil(), vm.Nil())
		return nil
	}
	text, hasMore := c.CheckString(1), !c.Arg(2).IsNil()
	more := c.OptString(2, "")
	out, rest := filter(text, more, hasMore)
	if hasMore {
		c.Push(c.State().NewString(out), c.State().NewString(rest))
		return nil
	}
	c.Push(orNil(c, out), vm.Nil())
	return nil
}

func orNil(c *vm.Call, out string) vm.Value {
	if out == "" {
		return vm.Nil()
	}
	return c.State().NewString(out)
}

func wrapper(filter func(left int, text string, length int) (string, int), end func(left, length int) string) vm.Func {
	return func(c *vm.Call) error {
		left, length := c.CheckInt(1), c.OptInt(3, DefaultLength)
		if c.Arg(2).IsNil() {
			c.Push(orNil(c, end(left, length)), vm.Int(length))
			return nil
		}
		out, left := filter(left, c.CheckString(2), length)
		c.Push(c.State().NewString(out), vm.Int(left))
		return nil
	}
}

func eol(c *vm.Call) error {
	last := c.CheckInt(1)
	if c.Arg(2).IsNil() {
		c.Push(vm.Nil(), vm.Int(0))
		return nil
	}
	out, next := EOL(last, c.CheckString(2), c.OptString(3, crlf))
	c.Push(c.State().NewString(out), vm.Int(next))
	return nil
}

func dot(c *vm.Call) error {
	state := c.CheckInt(1)
	if c.Arg(2).IsNil() {
		c.Push(vm.Nil(), vm.Int(DotStart))
		return nil
	}
	out, next := Dot(state, c.CheckString(2))
	c.Push(c.State().NewString(out), vm.Int(next))
	return nil
}
