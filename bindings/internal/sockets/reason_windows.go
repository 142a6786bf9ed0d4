package sockets

import "syscall"

// winsock has the words of other systems for what Windows explains in whole sentences.
var winsock = map[syscall.Errno]string{
	10013: "permission denied",
	10024: "too many open files",
	10048: "address already in use",
	10049: "cannot assign requested address",
	10050: "network is down",
	10051: "network is unreachable",
	10053: "software caused connection abort",
	10054: "connection reset by peer",
	10055: "no buffer space available",
	10058: "broken pipe",
	10060: "connection timed out",
	10061: "connection refused",
	10065: "no route to host",
}

func errnoText(e syscall.Errno) string {
	if text, ok := winsock[e]; ok {
		return text
	}
	return e.Error()
}
