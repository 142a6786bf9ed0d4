//go:build ignore

// Command udp shows whether a Go program can open a UDP socket.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	if _, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
