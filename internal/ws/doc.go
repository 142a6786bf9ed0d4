// Package ws makes WebSocket connections (RFC 6455) that are safe on a public port. gws reads and writes the frames;
// this package adds what gws leaves to its user:
//
//   - transport checks each frame's header before gws allocates for it (check.go), and corrects the close frames;
//   - wire, below TLS, makes writes that never block, in a queue with a bound (wire.go);
//   - direct reads ordinary messages past net and gws, where nothing but TCP is below (ready.go, input.go);
//   - Conn reads messages one by one, keeps the connection alive, cuts slow consumers and closes cleanly (conn.go);
//   - Upgrade answers the opening handshake of a server: method, key, version, Origin, subprotocol, compression
//     (upgrade.go, origin.go, deflate.go); Dial makes that of a client (dial.go);
//   - Listener bounds the connections, in all and of one address (listener.go); Certificates reloads certificate files.
//
// All defaults are in limits.go.
package ws
