package proof

import (
	"crypto/sha256"
	"encoding/binary"
)

// reader takes canonical fields from the front of b. After an error it stays empty.
type reader struct{ b []byte }

func (r *reader) take(n uint64) ([]byte, error) {
	if uint64(len(r.b)) < n {
		return nil, invalid("truncated")
	}
	head := r.b[:n:n]
	r.b = r.b[n:]
	return head, nil
}

func (r *reader) byte() (byte, error) {
	b, err := r.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

func (r *reader) uint64() (uint64, error) {
	b, err := r.take(8)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b), nil
}

func (r *reader) hash(h *Hash) error {
	b, err := r.take(sha256.Size)
	if err == nil {
		copy(h[:], b)
	}
	return err
}

// hashes reads a count byte and that many hashes.
func (r *reader) hashes() ([]Hash, error) {
	n, err := r.byte()
	if err != nil {
		return nil, err
	}
	return r.hashesN(int(n))
}

func (r *reader) hashesN(n int) ([]Hash, error) {
	b, err := r.take(uint64(n) * sha256.Size)
	if err != nil {
		return nil, err
	}
	out := make([]Hash, n)
	for i := range out {
		copy(out[i][:], b[i*sha256.Size:])
	}
	return out, nil
}

// field reads a shortest-form uvarint length, at least 1, and that many bytes.
func (r *reader) field() ([]byte, error) {
	n, used := binary.Uvarint(r.b)
	if used <= 0 || used > 1 && r.b[used-1] == 0 {
		return nil, invalid("length is not in its shortest form")
	}
	if n == 0 {
		return nil, invalid("empty field")
	}
	r.b = r.b[used:]
	return r.take(n)
}

func (r *reader) end() error {
	if len(r.b) != 0 {
		return invalid("%d bytes too many", len(r.b))
	}
	return nil
}

func appendField(b, field []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(field)))
	return append(b, field...)
}

func appendHashes(b []byte, hashes []Hash) []byte {
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	return b
}
