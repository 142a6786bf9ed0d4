package main

import "os"

// Windows has no such signal.
func notifyHangup(chan<- os.Signal) {}

func ofTerminal() bool { return false }
