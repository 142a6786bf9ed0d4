//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package main

import "errors"

// daemon is a node that runs in the background, which this system has no way for.
type daemon struct{}

func detach(string) (d *daemon, foreground bool, err error) {
	return nil, false, errors.New("daemon: a node can't leave its terminal on this system: take the setting out, and let a service manager start luahost")
}

func (*daemon) started(error) {}
func (*daemon) close()        {}
