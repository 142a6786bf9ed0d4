package skynet

import (
	"fmt"
	"strings"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// A task may be traced: the log tells what it does, under a tag that the services which it calls go on with.

// traced is the tracer of a task. With an empty tag the task is not traced, whoever asks for it.
type traced struct {
	in  *instance
	tag string
}

// Trace implements host.Tracer.
func (t *traced) Trace(event string) {
	if t.tag != "" {
		t.in.logTrace(t.tag, event)
	}
}

func (in *instance) logTrace(tag, text string) {
	s := in.service
	s.Host().Logf(s.Address(), "<TRACE %s> %d %s", tag, s.Host().HPC(), text)
}

// tag returns what marks the running task in the log; "" when it isn't traced. off: it never is.
func (in *instance) tag() (tag string, off bool) {
	if t := in.service.Current(); t != nil {
		if x, ok := t.Tracer().(*traced); ok {
			return x.tag, x.tag == ""
		}
	}
	return "", false
}

// traces logs an event of the running task, if it is traced.
func (in *instance) traces(event string) {
	if tag, _ := in.tag(); tag != "" {
		in.logTrace(tag, event)
	}
}

// tracesHere is traces with the place in the script.
func (in *instance) tracesHere(c *vm.Call, event string) (tag string) {
	if tag, _ = in.tag(); tag != "" {
		in.logTrace(tag, event+places(c, 1))
	}
	return tag
}

// tracesCall logs that the running task asks a service, and has the service go on with the tag.
func (in *instance) tracesCall(c *vm.Call, d destination) {
	if tag := in.tracesHere(c, "call"); tag != "" {
		in.passOn(d, tag)
	}
}

func (in *instance) passOn(d destination, tag string) {
	in.send(d, host.Message{Type: host.TypeTrace, Data: []byte(tag)})
}

// tracedFrames is how many frames of the stack a line of the log shows.
const tracedFrames = 3

// places returns where the script is, from a level of the stack on: " : @file:line @file:line".
func places(c *vm.Call, level int) string {
	var text strings.Builder
	for n := 0; n < tracedFrames; level++ {
		f, ok := c.Thread().Frame(level)
		if !ok {
			break
		}
		if f.Line() < 0 {
			continue
		}
		if n == 0 {
			text.WriteString(" :")
		}
		fmt.Fprintf(&text, " %s:%d", c.State().Inspect(f.Function()).Source, f.Line())
		n++
	}
	return text.String()
}

// tracerOf returns the tracer of a task for a message: of the request that its source said it would trace, or by what
// traceproto has set for the protocol.
func (in *instance) tracerOf(p *protocol, m host.Message) host.Tracer {
	tag, announced := in.announced[m.Source]
	if announced {
		delete(in.announced, m.Source)
	}
	switch on := p.traced(); {
	case on.IsNil() && !announced:
		return nil
	case !on.IsNil() && !on.Truthy():
		return &traced{in: in}
	case announced:
		in.logTrace(tag, "request")
		return &traced{in, tag}
	}
	in.service.Host().Log(in.service.Address(), "TRACE nil")
	tag = in.newTag()
	in.logTrace(tag, "trace")
	return &traced{in, tag}
}

// announce remembers that the next request of a message's source is to be traced.
func (in *instance) announce(m host.Message) {
	if in.announced == nil {
		in.announced = map[host.Handle]string{}
	}
	in.announced[m.Source] = string(m.Data)
}

func (in *instance) newTag() string {
	in.traceID++
	return fmt.Sprintf("%s-%d", in.service.Address(), in.traceID)
}

// trace([info])
func trace(c *vm.Call) error {
	in := of(c)
	s := in.service
	tag, off := in.tag()
	known := "nil"
	if off {
		known = "false"
	} else if tag != "" {
		known = tag
	}
	s.Host().Log(s.Address(), "TRACE "+known)
	t := s.Current()
	if off || t == nil {
		return nil
	}
	tag = in.newTag()
	t.SetTracer(&traced{in, tag})
	text := "trace"
	if info := c.Arg(1); !info.IsNil() {
		text += " " + c.CheckString(1)
	}
	in.logTrace(tag, text)
	return nil
}

func traceTag(c *vm.Call) error {
	switch tag, off := of(c).tag(); {
	case off:
		return c.Return(vm.Bool(false))
	case tag != "":
		return c.Return(vm.String(tag))
	}
	return c.Return(vm.Nil())
}

// tracelog(tag, text [, level | co [, level]])
func traceLog(c *vm.Call) error {
	tag, text := c.CheckString(1), c.CheckString(2)
	if !c.Arg(3).IsNil() {
		level := 1
		if _, other := c.Arg(3).AsThread(); !other {
			level = c.CheckInt(3)
		}
		text += places(c, level)
	}
	of(c).logTrace(tag, text)
	return nil
}

// traceproto(type [, on]): true traces all messages of the type, false none, nil those that a traced task has sent.
func traceProto(c *vm.Call) error {
	in := of(c)
	p, err := in.protocol(c, c.Arg(1))
	if err != nil {
		return err
	}
	if p.class != nil {
		p.class.SetString("trace", c.Arg(2))
	} else {
		c.State().Assign(&p.trace, c.Arg(2))
	}
	return nil
}

// tracecall(tag, address, type, msg, size) is rawcall for who traces by himself.
func traceCall(c *vm.Call) error {
	in, tag := of(c), c.CheckString(1)
	d, err := destinationOf(c, c.Arg(2))
	if err != nil {
		return err
	}
	in.logTrace(tag, "tracecall begin")
	in.passOn(d, tag)
	return c.CallThen(func(c *vm.Call) error {
		in.logTrace(tag, "tracecall end")
		return c.ReturnArgs(1)
	}, vm.Function("skynet.rawcall", rawCall), append([]vm.Value(nil), c.Args()[1:]...)...)
}
