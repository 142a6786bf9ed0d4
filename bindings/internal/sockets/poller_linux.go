package sockets

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// poller tells which of many connections have bytes, by one goroutine. It waits as all goroutines do, in the runtime's
// poller: what that watches is the epoll descriptor in which those of the connections are.
type poller struct {
	file *os.File
	raw  syscall.RawConn
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil { // so that os.File waits in the runtime's poller
		_ = unix.Close(fd)
		return nil, err
	}
	p := &poller{file: os.NewFile(uintptr(fd), "epoll")}
	p.raw, err = p.file.SyscallConn()
	return p, err
}

// add watches a connection until something comes, once.
func (p *poller) add(s *Stream) bool {
	return p.control(s, func(epoll, fd int) error {
		e := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLONESHOT, Fd: int32(s.id), Pad: int32(s.id >> 32)}
		err := unix.EpollCtl(epoll, unix.EPOLL_CTL_MOD, fd, &e) // it may be there since it last rested
		if err == unix.ENOENT {
			err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, &e)
		}
		return err
	})
}

// remove forgets a connection.
func (p *poller) remove(s *Stream) {
	p.control(s, func(epoll, fd int) error { return unix.EpollCtl(epoll, unix.EPOLL_CTL_DEL, fd, nil) })
}

// control calls f with the descriptors, which stay open meanwhile.
func (p *poller) control(s *Stream, f func(epoll, fd int) error) bool {
	var inner, result error
	outer := p.raw.Control(func(epoll uintptr) {
		inner = s.raw.Control(func(fd uintptr) { result = f(int(epoll), int(fd)) })
	})
	return outer == nil && inner == nil && result == nil
}

// run calls ready with the number of each connection on which something has come, until close.
func (p *poller) run(ready func(id int)) {
	events := make([]unix.EpollEvent, 128)
	for {
		n := 0
		err := p.raw.Read(func(fd uintptr) bool {
			var err error
			n, err = unix.EpollWait(int(fd), events, 0)
			return n > 0 || err != nil && err != unix.EINTR
		})
		if err != nil {
			return
		}
		for _, e := range events[:max(n, 0)] {
			ready(int(uint32(e.Fd)) | int(e.Pad)<<32)
		}
	}
}

func (p *poller) close() { _ = p.file.Close() }
