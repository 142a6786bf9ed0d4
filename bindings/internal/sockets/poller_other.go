//go:build !linux

package sockets

import "errors"

// poller is what other systems don't have: there each connection keeps its goroutine.
type poller struct{}

func newPoller() (*poller, error) { return nil, errors.ErrUnsupported }

func (*poller) add(*Stream) bool { return false }
func (*poller) remove(*Stream)   {}
func (*poller) run(func(id int)) {}
func (*poller) close()           {}
