package snapshot

// Sizes of chunks: what is sent at once, several parts.
const (
	// ChunkTarget is the size that parts are put together to.
	ChunkTarget = 8 << 20
	// ChunkMax is the size of the largest chunk, which must fit into a message.
	ChunkMax = 15 << 20
)

// Run is a run of parts, from First to before End.
type Run struct{ First, End int }

// Chunks puts parts together to chunks, in order, as many as fit.
//
// Errors: ErrInvalid when one part is larger than ChunkMax.
func Chunks(parts []Part) ([]Run, error) {
	var out []Run
	size := 0
	for i, p := range parts {
		if p.Size > ChunkMax {
			return nil, invalid("a part of %d bytes does not fit into a message", p.Size)
		}
		if n := len(out); n > 0 && size+int(p.Size) <= ChunkTarget {
			out[n-1].End, size = i+1, size+int(p.Size)
			continue
		}
		out, size = append(out, Run{i, i + 1}), int(p.Size)
	}
	return out, nil
}
