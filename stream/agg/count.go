package agg

import (
	"encoding/binary"

	"weir/stream/value"
)

// counts is the state of count.
type counts struct {
	local []int64
	now   int64
}

// Reset implements Linear.
func (l *counts) Reset(groups int) { l.local = zeroed(l.local, groups) }

// Add implements Linear.
func (l *counts) Add(in *Input) {
	for i, g := range in.Of {
		if in.takes(i) {
			l.local[g] += in.weight(i)
		}
	}
}

// AddRow implements Linear.
func (l *counts) AddRow(_, _ *value.Vec, _ int, w int64, g int32) { l.local[g] += w }

// Load implements Linear.
func (l *counts) Load(b []byte) []byte {
	l.now = 0
	if b == nil {
		return nil
	}
	l.now, b = cutVarint(b)
	return b
}

// Merge implements Linear.
func (l *counts) Merge(g int32) { l.now += l.local[g] }

// Append implements Linear.
func (l *counts) Append(dst []byte) []byte { return binary.AppendVarint(dst, l.now) }

// Result implements Linear.
func (l *counts) Result(Func, value.Type) (value.Datum, *value.Error) {
	return value.NewInt8(l.now), nil
}

func cutVarint(b []byte) (int64, []byte) {
	v, n := binary.Varint(b)
	return v, b[n:]
}

func cutUvarint(b []byte) (uint64, []byte) {
	v, n := binary.Uvarint(b)
	return v, b[n:]
}

// zeroed returns n zeros in the memory of s if it has room.
func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	s = s[:n]
	clear(s)
	return s
}
