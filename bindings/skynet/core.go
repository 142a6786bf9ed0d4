package skynet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// send(address, type, session | nil, msg [, sz]): the session, a new one for nil; nothing when nobody is there.
func coreSend(c *vm.Call) error {
	d, err := destinationOf(c, c.Arg(1))
	if err != nil {
		return err
	}
	return of(c).coreSend(c, d, 0, 2)
}

func coreRedirect(c *vm.Call) error {
	d, err := destinationOf(c, c.Arg(1))
	if err != nil {
		return err
	}
	return of(c).coreSend(c, d, host.Handle(c.CheckInt(2)), 3)
}

func (in *instance) coreSend(c *vm.Call, d destination, source host.Handle, i int) error {
	m := host.Message{Type: host.MessageType(c.CheckInt(i)), Source: source}
	if c.Arg(i + 1).IsNil() {
		m.Session = in.service.NewSession()
	} else {
		m.Session = c.CheckInt(i + 1)
	}
	if !c.Arg(i + 2).IsNil() {
		var err error
		if m.Data, err = in.message(c, c.Arg(i+2), c.Arg(i+3)); err != nil {
			return err
		}
	}
	return in.post(c, d, m)
}

// callback(f): f(type, msg, sz, session, source) gets all messages but responses.
func coreCallback(c *vm.Call) error {
	in := of(c)
	in.callback = c.CheckFunction(1)
	in.service.SetReceiver(in)
	return nil
}

// command(name [, parameter]): a string, or nothing.
func coreCommand(c *vm.Call) error {
	text, ok, err := of(c).command(c, c.CheckString(1), c.OptString(2, ""))
	if err != nil || !ok {
		return err
	}
	return c.Return(c.State().NewString(text))
}

func coreIntCommand(c *vm.Call) error {
	text, ok, err := of(c).command(c, c.CheckString(1), parameter(c))
	if err != nil || !ok {
		return err
	}
	if f, isNumber := vm.ToNumber(vm.String(text)); isNumber {
		return c.Return(vm.Number(f))
	}
	return nil
}

func coreAddressCommand(c *vm.Call) error {
	text, ok, err := of(c).command(c, c.CheckString(1), parameter(c))
	if err != nil || !ok {
		return err
	}
	if a, isAddress := host.ParseHandle(text); isAddress {
		return c.Return(vm.Int(int(a)))
	}
	return nil
}

func parameter(c *vm.Call) string {
	if c.Arg(2).IsNil() {
		return ""
	}
	return c.CheckString(2)
}

// command does what the commands of skynet's C API do; ok is false when there is no result.
func (in *instance) command(c *vm.Call, name, text string) (result string, ok bool, err error) {
	s := in.service
	h := s.Host()
	switch name {
	case "TIMEOUT":
		ticks, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return "", false, c.Errorf("TIMEOUT: not a number: %s", text)
		}
		session := s.NewSession()
		s.After(ticks, session)
		return strconv.Itoa(session), true, nil
	case "REG":
		if text == "" {
			return s.Address().String(), true, nil
		}
		h.Register(text, s.Address())
		return text, true, nil
	case "QUERY":
		if a, found := h.Lookup(text); found {
			return a.String(), true, nil
		}
	case "NAME":
		who, address, _ := strings.Cut(text, " ")
		if a, valid := host.ParseHandle(address); valid {
			h.Register(who, a)
			return who, true, nil
		}
	case "EXIT":
		h.LogKill(s.Address(), s.Address())
		s.Kill()
	case "KILL":
		in.kill(destination{name: text})
	case "LAUNCH":
		if a := launchLine(s, words(text), text); a != 0 {
			return a.String(), true, nil
		}
	case "GETENV":
		result, ok = h.Getenv(text)
		return result, ok, nil
	case "SETENV":
		key, value, _ := strings.Cut(text, " ")
		h.Setenv(key, value)
	case "STARTTIME":
		return strconv.FormatInt(h.StartTime().Unix(), 10), true, nil
	case "ABORT":
		h.Abort()
	case "MONITOR":
		if a, valid := host.ParseHandle(text); valid {
			setMonitor(c, a)
		}
	case "STAT":
		waiting, handled, busy := s.Stat()
		switch text {
		case "mqlen":
			return strconv.Itoa(waiting), true, nil
		case "message":
			return strconv.FormatUint(handled, 10), true, nil
		case "cpu":
			return fmt.Sprintf("%f", busy.Seconds()), true, nil
		case "time":
			return fmt.Sprintf("%f", s.Elapsed().Seconds()), true, nil
		case "endless":
			if s.Endless() {
				return "1", true, nil
			}
		}
		return "0", true, nil
	case "LOGON":
		if a, valid := host.ParseHandle(text); valid {
			logMessages(h, a)
		}
	case "LOGOFF":
		if a, valid := host.ParseHandle(text); valid {
			stopLog(h, a)
		}
	case "SIGNAL":
		address, _, _ := strings.Cut(text, " ")
		if a, valid := host.ParseHandle(address); valid {
			if v := h.Service(a); v != nil {
				v.Interrupt("signal 0")
			}
		}
	}
	return "", false, nil
}

// kill ends the service at a destination. As in skynet, the log tells of it also when there is none at that address.
func (in *instance) kill(d destination) {
	h, self := in.service.Host(), in.service.Address()
	a, ok := in.resolve(d)
	if !ok {
		if d.name != "" && d.name[0] != '.' {
			h.Logf(self, "Can't convert %s to handle", d.name)
		}
		return
	}
	h.LogKill(self, a)
	if v := h.Service(a); v != nil {
		v.Kill()
	}
}
