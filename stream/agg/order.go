package agg

import (
	"bytes"
	"slices"

	"weir/stream/row"
	"weir/stream/value"
)

// Order is how the rows of a group stand in a run, and what the run keeps of them: calls with equal
// orders share one.
//
//	key    ORDER BY keys | keys of the arguments | row encoding of the arguments (Exact)
//	rest   row encoding of the arguments (Carry)
//
// All parts are encodings that order as the values do.
type Order struct {
	Keys   []Key
	Args   []int // columns of the arguments
	Filter int   // boolean column, -1: none
	Nulls  bool  // rows whose first argument is NULL take part
	// Exact: equal values of different representations stand apart, and come back as they were.
	// Otherwise they stand together, and come back in their canonical representation.
	Exact bool
	// Carry: the arguments cannot be read from the key alone.
	Carry bool
}

// OrderOf returns the order of a call's rows over an input with types in. An additive DISTINCT
// call sees each value once, in its canonical representation.
func OrderOf(c Call, in []value.Type) Order {
	o := Order{Args: []int{c.Arg}, Filter: c.Filter, Nulls: c.Func.def().nulls}
	if c.Extra >= 0 {
		o.Args = append(o.Args, c.Extra)
	}
	family := c.Func.Family()
	if family != Additive && c.Func != Min && c.Func != Max && !natural(c.OrderBy, o.Args) {
		o.Keys = c.OrderBy
	}
	if family != Additive || !c.DistinctMatters() {
		o.Exact = slices.ContainsFunc(o.Args, func(a int) bool { return Variable(in[a]) })
	}
	o.Carry = o.Exact || len(o.Keys) > 0
	return o
}

// natural reports whether keys order as the arguments do anyway.
func natural(keys []Key, args []int) bool {
	if len(keys) > len(args) {
		return false
	}
	for i, k := range keys {
		if k != (Key{Col: args[i]}) {
			return false
		}
	}
	return true
}

// Equal reports whether two orders are the same.
func (o Order) Equal(p Order) bool {
	return slices.Equal(o.Keys, p.Keys) && slices.Equal(o.Args, p.Args) &&
		o.Filter == p.Filter && o.Nulls == p.Nulls && o.Exact == p.Exact && o.Carry == p.Carry
}

// Takes reports whether row i takes part.
func (o Order) Takes(cols []*value.Vec, i int) bool {
	return (o.Filter < 0 || cols[o.Filter].Ints[i] != 0) && (o.Nulls || !cols[o.Args[0]].IsNull(i))
}

// AppendKey appends the key of row i.
func (o Order) AppendKey(dst []byte, cols []*value.Vec, i int) []byte {
	for _, k := range o.Keys {
		dst = AppendSortKey(dst, k, cols[k.Col], i)
	}
	for _, a := range o.Args {
		dst = row.AppendKeyColumn(dst, cols[a], i)
	}
	if o.Exact {
		dst = o.appendRow(dst, cols, i)
	}
	return dst
}

// AppendRest appends what the run keeps of row i beside its key.
func (o Order) AppendRest(dst []byte, cols []*value.Vec, i int) []byte {
	if !o.Carry {
		return dst
	}
	return o.appendRow(dst, cols, i)
}

func (o Order) appendRow(dst []byte, cols []*value.Vec, i int) []byte {
	var at [2]*value.Vec
	for k, a := range o.Args {
		at[k] = cols[a]
	}
	return row.AppendRow(dst, at[:len(o.Args)], i)
}

// Compare orders two rows of a batch as their keys do.
func (o Order) Compare(cols []*value.Vec, i, j int) int {
	for _, k := range o.Keys {
		v := cols[k.Col]
		if a, b := v.IsNull(i), v.IsNull(j); a || b {
			if a != b {
				return sign(a == k.NullsFirst)
			}
			continue
		}
		if c := v.CompareAt(i, v, j); c != 0 {
			return sign((c < 0) != k.Desc)
		}
	}
	for _, a := range o.Args {
		if c := cols[a].CompareAt(i, cols[a], j); c != 0 {
			return c
		}
	}
	if !o.Exact {
		return 0
	}
	return bytes.Compare(o.appendRow(nil, cols, i), o.appendRow(nil, cols, j))
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

// DecodeInto appends the arguments of an entry to columns of their types. The bytes are the
// engine's own.
func (o Order) DecodeInto(cols []*value.Vec, key, rest []byte) error {
	if o.Carry {
		return row.DecodeRowInto(cols, rest)
	}
	return row.DecodeKeyInto(cols, key)
}

// Tags of NULL in a part of a sort key: above and below the tag of a value, 0x20.
const (
	tagNullLast  = 0xF0 // what keys have
	tagNullFirst = 0x08
)

// AppendSortKey appends value i of a column so that byte order is the order of an ORDER BY key:
// the key of the value, complemented if it descends.
func AppendSortKey(dst []byte, k Key, v *value.Vec, i int) []byte {
	start := len(dst)
	switch {
	case !v.IsNull(i):
		dst = row.AppendKeyColumn(dst, v, i)
	case k.NullsFirst != k.Desc:
		dst = append(dst, tagNullFirst)
	default:
		dst = append(dst, tagNullLast)
	}
	if k.Desc {
		for j := start; j < len(dst); j++ {
			dst[j] ^= 0xFF
		}
	}
	return dst
}

// Once sets the weights of rows in order, for an ordered DISTINCT call: 1 for the first of equal
// ones, 0 for the others.
func Once(cols []*value.Vec, weights []int64) {
	for i := range weights {
		weights[i] = 0
		for _, v := range cols {
			if i == 0 || v.CompareAt(i-1, v, i) != 0 {
				weights[i] = 1
				break
			}
		}
	}
}
