package watch

import "syscall"

// unreliable are the file systems that change without telling this machine of it.
var unreliable = map[int64]bool{
	0x6969:     true, // NFS
	0xff534d42: true, // CIFS
	0xfe534d42: true, // SMB2
	0x517b:     true, // SMB
	0x01021997: true, // 9p
	0x65735546: true, // FUSE
	0x786f4256: true, // VirtualBox shared folders
}

// reliable reports whether the file system of a directory tells of all changes.
func reliable(dir string) bool {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return true
	}
	return !unreliable[int64(st.Type)&0xffffffff]
}
