package socket_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestReadKept has a script keep all that it reads, whole messages and heads joined to bodies: strings stay as they are,
// although large ones are the memory that they were received in.
func TestReadKept(t *testing.T) {
	sizes := []int{1, 100, 1000, 1100, 3000, 3060, 3072, 3080, 4080, 4092, 4093, 20_000, 54_000, 56_000, 65_536, 65_540,
		73_700, 73_724, 73_725, 74_000, 100_000, 150_000, 300_000}
	random := rand.New(rand.NewPCG(3, 4))
	for _, order := range []string{"up", "shuffled", "all alike"} {
		switch order {
		case "shuffled":
			random.Shuffle(len(sizes), func(i, j int) { sizes[i], sizes[j] = sizes[j], sizes[i] })
		case "all alike":
			sizes = slices.Repeat([]int{65_536}, 12)
		}
		var stream, want bytes.Buffer
		for i, size := range sizes {
			head := binary.BigEndian.AppendUint32(nil, uint32(size))
			body := strings.Repeat(string(rune('a'+i)), size)
			stream.Write(head)
			stream.WriteString(body)
			want.WriteString(body + string(head) + body + "!" + body)
		}
		for _, piece := range []int{1 << 20, 7_001} {
			r := newRig(t)
			address := r.serve(`function client(id)
				socket.start(id)
				local kept = {}
				for i = 1, ` + strconv.Itoa(len(sizes)) + ` do
					local head = socket.read(id, 4)
					local body = socket.read(id, socket.header(head))
					kept[#kept + 1] = { body, head .. body, "!" .. body }
				end
				for _, k in ipairs(kept) do socket.write(id, table.concat(k)) end
				socket.close(id)
			end`)
			c := r.dial(address)
			go func() {
				for part := range slices.Chunk(stream.Bytes(), piece) {
					_, _ = c.Write(part)
				}
			}()
			got, err := io.ReadAll(c)
			if err != nil || !bytes.Equal(got, want.Bytes()) {
				t.Errorf("%s, pieces of %d: %d bytes (%v), other than those that were sent", order, piece, len(got), err)
			}
		}
	}
}
