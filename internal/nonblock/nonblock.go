// Package nonblock sends to, and receives from, sockets without waiting for anything.
//
// Package syscall tells Go's scheduler of each call, since any of them might block. When the machine has more to do than
// processors, the scheduler then often takes the processor away from a thread that is in such a call, wakes another
// thread for it, and has the first one wait when it comes back. Calls that can't block, and copy little, are better made like
// any other computation (Linux; with the race detector they are made as usual, because it learns from package syscall).
//
//	var m nonblock.Message // one for each socket and direction
//	n, err := m.Send(fd, head, body)
//	n, size, err := m.Receive(fd, b, control)
//
// The error is EAGAIN when nothing can be sent, or is there; and EINTR may come as from any call.
package nonblock
