package sockets

import "github.com/luahost/luahost/vm"

// The functions here are the same in every module that has them.

// CallHeader is header(bytes) -> n: the number that 1 to 4 bytes are, the high one first.
func CallHeader(c *vm.Call) error {
	s := c.CheckString(1)
	if len(s) < 1 || len(s) > 4 {
		return c.Errorf("Invalid read %s", s)
	}
	n := 0
	for i := range len(s) {
		n = n<<8 | int(s[i])
	}
	return c.Return(vm.Int(n))
}

// CallUDPAddress is udp_address(from) -> host, port: the address that came with a datagram.
func CallUDPAddress(c *vm.Call) error {
	a, ok := DecodeAddress(c.CheckString(1))
	if !ok {
		return c.Errorf("Invalid udp address")
	}
	c.Push(vm.String(a.Addr().String()), vm.Int(int(a.Port())))
	return nil
}
