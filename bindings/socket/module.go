package socket

import (
	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
)

const doc = `Sockets: TCP, UDP, and descriptors of the process.

A socket is a number, counted from 1 over the whole host. What reads, waits without stopping the service's other tasks;
one coroutine at a time may read a socket. A service's sockets are closed when it ends; and one whose peer has ended is,
when the task that read it dies of an error.`

// Modules returns the module under both of its names.
func Modules() []host.Module {
	return module.New("skynet.socket", doc).
		Func("listen(host: string, port?: integer, backlog?: integer) -> id: integer, address: string, port: integer", listen,
			"Listens. It is an error when the address is taken.", "host: \"host:port\" when there is no port").
		Func("start(id: integer, accept?: fun(id: integer, address: string)) -> id: integer?, err: string?", start,
			"Takes a socket over: of a listener, accept gets each client; what was accepted can be read then.").
		Func("open(host: string, port?: integer) -> id: integer?, err: string?", open, "Connects, and waits for that.", "host: \"host:port\" when there is no port").
		Func("bind(fd: integer) -> id: integer", bind, "Makes a socket of a descriptor of the process.").
		Func("stdin() -> id: integer", stdin, "Makes a socket of the standard input.").
		Func("read(id: integer, n?: integer) -> data: string|false, rest: string?", read,
			"Waits for n bytes, or for any. When the peer ends before, false and the rest are returned.").
		Func("readline(id: integer, separator?: string) -> line: string|false, rest: string?", readline,
			"Waits for a line, which is returned without its separator. When the peer ends before, false and the rest are returned.",
			"separator: a line feed when it is absent").
		Func("readall(id: integer) -> data: string|false", readall, "Waits until the peer ends, and returns all; false when nothing was left.").
		Func("block(id: integer) -> ready: boolean", block, "Waits for bytes without taking them; false when the peer has ended.").
		Func("write(id: integer, data: string|number|string[]|lightuserdata, size?: integer) -> sent: boolean", write,
			"Sends a text, texts, or a message of skynet.pack, without waiting; false when the socket is closed.").
		Func("lwrite(id: integer, data: string|number|string[]|lightuserdata, size?: integer) -> sent: boolean", lwrite,
			"Sends behind all that waits to be sent.").
		Func("close(id: integer)", closeSocket, "Ends a socket when all is sent, and waits for the coroutine that reads it.").
		Func("shutdown(id: integer)", shutdown, "Ends a socket at once. close is still to be called.").
		Func("close_fd(id: integer)", closeFD, "Closes a socket that this service did not start.").
		Func("abandon(id: integer)", abandon, "Forgets a socket, so that another service can start it.").
		Func("pause(id: integer)", pause, "Stops reading until the next read waits.").
		Func("limit(id: integer, n: integer)", limit, "Closes the socket when more than n bytes are unread.").
		Func("invalid(id: integer) -> invalid: boolean", invalid, "Tells whether this service has not started the socket.").
		Func("disconnected(id: integer) -> disconnected: boolean", disconnected, "Tells whether the peer has ended.").
		Func("warning(id: integer, f: fun(id: integer, kilobytes: integer))", warning,
			"Has f called when much waits to be sent, and with 0 when nothing does.").
		Func("onclose(id: integer, f: fun(id: integer))", onClose, "Has f called when the socket ends.").
		Func("header(bytes: string) -> n: integer", sockets.CallHeader, "Returns the number that 1 to 4 bytes are, the high one first.").
		Func("udp(f: fun(data: string, from: string), host?: string, port?: integer) -> id: integer", udp, "Makes a socket for datagrams; f gets each.").
		Func("udp_listen(host: string, port: integer, f: fun(data: string, from: string)) -> id: integer", udpListen, "Makes a socket for datagrams at an address.").
		Func("udp_dial(host: string, port: integer, f: fun(data: string, from: string)) -> id: integer", udpDial, "Makes a socket for datagrams to and from one address.").
		Func("udp_connect(id: integer, host: string, port: integer, f?: fun(data: string, from: string))", udpConnect, "Sets where write sends to.").
		Func("sendto(id: integer, from: string, data: string|string[]|lightuserdata, size?: integer) -> sent: boolean", sendTo,
			"Sends a datagram.", "from: the address, as it came with a datagram").
		Func("udp_address(from: string) -> host: string, port: integer", sockets.CallUDPAddress, "Reads the address that came with a datagram.").
		Func("netstat() -> sockets: table[]", netstat, "Returns what is known of each socket of the host.").
		Func("resolve(host: string) -> addresses: string[]", resolve, "Waits for the addresses of a host.").
		Modules("socket")
}
