package expr

import (
	"math/bits"
	"strings"

	"weir/stream/value"
)

const errByteIndex = "index %d out of valid range, 0..%d"

// byteaMore are functions of bytea.
func byteaMore() []*function {
	b, i4, i8 := value.Bytea, value.Int4, value.Int8
	fs := []*function{
		define("get_byte", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if err := checkIndex(a[1].I, len(a[0].S)); err != nil {
				return value.NullDatum, err
			}
			return value.NewInt4(int32(a[0].S[a[1].I])), nil
		}, b, i4),
		define("set_byte", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if err := checkIndex(a[1].I, len(a[0].S)); err != nil {
				return value.NullDatum, err
			}
			out := []byte(a[0].S)
			out[a[1].I] = byte(a[2].I)
			return value.NewBytea(out), nil
		}, b, i4, i4),
		define("get_bit", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if err := checkIndex(a[1].I, 8*len(a[0].S)); err != nil {
				return value.NullDatum, err
			}
			return value.NewInt4(int32(a[0].S[a[1].I/8] >> (a[1].I % 8) & 1)), nil
		}, b, i8),
		define("set_bit", b, setBit, b, i8, i4),
		define("bit_count", i8, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			n := 0
			for i := range len(a[0].S) {
				n += bits.OnesCount8(a[0].S[i])
			}
			return value.NewInt8(int64(n)), nil
		}, b).safe(),
		define("position", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewInt4(int32(strings.Index(a[0].S, a[1].S) + 1)), nil
		}, b, b).safe(),
		define("overlay", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return overlayBytes(a[0].S, a[1].S, a[2].I, int64(len(a[1].S)))
		}, b, b, i4),
		define("overlay", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return overlayBytes(a[0].S, a[1].S, a[2].I, a[3].I)
		}, b, b, i4, i4),
	}
	for _, f := range []struct {
		name        string
		left, right bool
	}{{"btrim", true, true}, {"ltrim", true, false}, {"rtrim", false, true}} {
		fs = append(fs, define(f.name, b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewBytea([]byte(trimBytes(a[0].S, a[1].S, f.left, f.right))), nil
		}, b, b).safe())
	}
	return fs
}

func checkIndex(i int64, n int) *value.Error {
	if i < 0 || i >= int64(n) {
		return value.Errorf("2202E", errByteIndex, i, n-1)
	}
	return nil
}

func setBit(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	if err := checkIndex(a[1].I, 8*len(a[0].S)); err != nil {
		return value.NullDatum, err
	}
	if a[2].I != 0 && a[2].I != 1 {
		return value.NullDatum, &value.Error{
			SQLState: value.StateBadParameter, Msg: "new bit must be 0 or 1",
		}
	}
	out := []byte(a[0].S)
	mask := byte(1) << (a[1].I % 8)
	out[a[1].I/8] &^= mask
	if a[2].I == 1 {
		out[a[1].I/8] |= mask
	}
	return value.NewBytea(out), nil
}

func overlayBytes(s, with string, start, length int64) (value.Datum, *value.Error) {
	if start <= 0 {
		return value.NullDatum, &value.Error{
			SQLState: value.StateSubstring, Msg: "negative substring length not allowed",
		}
	}
	rest := start + length
	if _, ok := int32Of(rest); !ok {
		return value.NullDatum, value.ErrInt4Range
	}
	n := int64(len(s))
	out := s[:min(start-1, n)] + with + s[min(max(rest-1, 0), n):]
	if len(out) > MaxTextResult {
		return value.NullDatum, errTextResult
	}
	return value.NewBytea([]byte(out)), nil
}

func trimBytes(s, set string, left, right bool) string {
	for left && s != "" && strings.IndexByte(set, s[0]) >= 0 {
		s = s[1:]
	}
	for right && s != "" && strings.IndexByte(set, s[len(s)-1]) >= 0 {
		s = s[:len(s)-1]
	}
	return s
}
