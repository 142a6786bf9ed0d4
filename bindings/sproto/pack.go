package sproto

import "errors"

// Packing leaves out zero bytes, as Cap'n Proto does: each group of 8 bytes becomes a byte whose bits tell which of them
// are not zero, and those. A group without zeros is 0xff, the number of groups after it that are left as they are, and these;
// one with 6 or more that are not zero may be among them.

const (
	groupSize = 8
	maxRun    = 256 // groups
	keptFrom  = 6   // bytes that are not zero, for a group to be left as it is in a run
)

// Pack packs bytes; the end is filled up with zeros.
func Pack(src []byte) []byte {
	out := make([]byte, 0, len(src)+len(src)/(maxRun*groupSize)*2+2+groupSize)
	run, start := 0, 0 // groups in the run, and where its head is in out
	for len(src) > 0 {
		var group [groupSize]byte
		src = src[copy(group[:], src):]
		mask, n := byte(0), 0
		for i, b := range group {
			if b != 0 {
				mask |= 1 << i
				n++
			}
		}
		switch {
		case run > 0 && n >= keptFrom:
			out = append(out, group[:]...)
			out[start+1] = byte(run)
			if run++; run == maxRun {
				run = 0
			}
		case n == groupSize:
			start, run = len(out), 1
			out = append(append(out, 0xff, 0), group[:]...)
		default:
			run = 0
			out = append(out, mask)
			for _, b := range group {
				if b != 0 {
					out = append(out, b)
				}
			}
		}
	}
	return out
}

var errPacked = errors.New("Invalid unpack stream")

// maxUnpacked bounds what Unpack makes of its input, in bytes.
const maxUnpacked = 64 << 20

// Unpack is the inverse of Pack.
func Unpack(src []byte) ([]byte, error) {
	var out []byte
	for len(src) > 0 {
		if len(out) > maxUnpacked {
			return nil, errPacked
		}
		mask := src[0]
		src = src[1:]
		if mask == 0xff {
			if len(src) == 0 {
				return nil, errPacked
			}
			n := (int(src[0]) + 1) * groupSize
			if len(src) < 1+n {
				return nil, errPacked
			}
			out = append(out, src[1:1+n]...)
			src = src[1+n:]
			continue
		}
		for i := range groupSize {
			if mask&(1<<i) == 0 {
				out = append(out, 0)
				continue
			}
			if len(src) == 0 {
				return nil, errPacked
			}
			out = append(out, src[0])
			src = src[1:]
		}
	}
	return out, nil
}
