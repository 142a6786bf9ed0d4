package websocket

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/host/module"
)

const doc = `WebSocket connections (RFC 6455), of servers and clients. docs/websocket.md is the manual.

A connection is a number, and belongs to the service that accepted or opened it. Times are hundredths of a second.`

// Modules returns http.websocket and websocket.core.
func Modules() []host.Module {
	return []host.Module{newModule().Module(), newCore().Module()}
}

func newModule() *module.Module {
	const (
		options = "options?: table"
		opcode  = `op?: "text"|"binary"`
	)
	return module.New("http.websocket", doc).
		Func("listen(address: string, handle: http.websocket.handle, "+options+") -> id: integer, host: string, port: integer", listen,
			"Listens, accepts by itself, and serves pages.", "address: \"host:port\", \":port\" for all addresses").
		Func("accept(id: integer, handle: http.websocket.handle, protocol?: \"ws\"|\"wss\", addr?: string, "+options+") -> ok: boolean, err: string?", accept,
			"Serves a socket of skynet.socket until it is closed. There was no handshake, or the client broke the protocol, or a handler failed, when it returns false.").
		Func("attach(name: string, handle: http.websocket.handle, "+options+")", attach,
			"Takes the connections that a Go program hands over by its handler of that name.").
		Func("connect(url: string, header?: table<string, string>, timeout?: integer, "+options+") -> id: integer", connect,
			"Opens a connection to a ws:// or wss:// URL. It is an error when that fails.").
		Func("read(id: integer) -> data: string|false, op: string, code: integer?, reason: string?", read,
			"Waits for a message, and returns it with \"text\" or \"binary\". When the connection was closed: false, the payload of the close frame, and what is in it. When it was lost, that is an error.").
		Func("write(id: integer, data: string, "+opcode+") -> sent: boolean", write,
			"Sends a message; false when the connection is closing.", "data: UTF-8 if it is text").
		Func("broadcast(ids: integer[], data: string, "+opcode+") -> n: integer", broadcast,
			"Sends a message to many connections, framed once, and returns to how many. Ids that are gone are skipped.").
		Func("ping(id: integer, data?: string) -> sent: boolean", ping, "Sends a ping.", "data: of 125 bytes at most").
		Func("close(id: integer, code?: integer, reason?: string)", closeConn, "Sends what waits, then a close frame. Of what listen returned: ends listening.").
		Func("addrinfo(id: integer) -> address: string", addrinfo, "Returns the peer's address.").
		Func("real_ip(id: integer) -> address: string?", realIP, "Returns the request's X-Real-IP. Any client can send that: believe it only behind a proxy of yours.").
		Func("url(id: integer) -> url: string", url, "Returns the request's URL.").
		Func("header(id: integer) -> header: table<string, string|string[]>", header, "Returns the request's header, with names in lower case.").
		Func("subprotocol(id: integer) -> name: string?", subprotocol, "Returns what the handshake agreed on.").
		Func("queued(id: integer) -> bytes: integer", queued, "Returns how much waits for the peer.").
		Func("is_close(id: integer) -> closed: boolean", isClose, "Tells whether a connection is closing, closed, or unknown.").
		Class(decl.Class{
			Name: "http.websocket.handle", Doc: "Functions for events. They are looked up for every event.",
			Fields: []decl.Field{
				{Name: "connect", Type: "fun(id: integer)", Optional: true, Doc: "a client is about to do the handshake"},
				{Name: "handshake", Type: "fun(id: integer, header: table, url: string)", Optional: true, Doc: "the handshake is done"},
				{Name: "message", Type: `fun(id: integer, message: string, op: "text"|"binary")`, Optional: true, Doc: "a whole message"},
				{Name: "ping", Type: "fun(id: integer)", Optional: true, Doc: "a ping has come, and was answered"},
				{Name: "pong", Type: "fun(id: integer)", Optional: true, Doc: "a pong has come"},
				{Name: "close", Type: "fun(id: integer, code?: integer, reason?: string)", Optional: true, Doc: "the connection ended with a close frame"},
				{Name: "error", Type: "fun(id: integer, reason: string)", Optional: true, Doc: "it ended otherwise"},
				{Name: "warning", Type: "fun(ws: table, kilobytes: integer)", Optional: true, Doc: "much waits to be sent"},
			},
		})
}
