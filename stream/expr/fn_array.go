package expr

import (
	"slices"

	"weir/stream/value"
)

// arrayResult makes an array of bounded length and size.
func arrayResult(elem shape, elems []value.Datum) (value.Datum, *value.Error) {
	if len(elems) > value.MaxArrayLen {
		return value.NullDatum, value.ErrArrayTooLong
	}
	d := value.NewArray(value.Of(elem), elems)
	if len(d.S) > MaxTextResult {
		return value.NullDatum, errTextResult
	}
	return d, nil
}

// elemsOf returns the elements of an array, none for NULL.
func elemsOf(d value.Datum) []value.Datum {
	if d.IsNull() {
		return nil
	}
	return value.ArrayElems(d)
}

// arrayFunctions make arrays, measure and change them; one overload for each kind of elements.
func arrayFunctions() []*function {
	var fs []*function
	for _, k := range scalarKinds() {
		fs = append(fs, arrayMakers(k)...)
		fs = append(fs, arrayMeasures(k)...)
		fs = append(fs, arrayParts(k)...)
	}
	return fs
}

// arrayMakers are ARRAY[...] and the functions and operators that join arrays and elements.
func arrayMakers(k shape) []*function {
	ak := arrayOf(k)
	appended := func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return arrayResult(k, append(elemsOf(a[0]), a[1]))
	}
	prepended := func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return arrayResult(k, append([]value.Datum{a[0]}, elemsOf(a[1])...))
	}
	joined := func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		switch {
		case a[0].IsNull():
			return a[1], nil
		case a[1].IsNull():
			return a[0], nil
		}
		return arrayResult(k, append(elemsOf(a[0]), elemsOf(a[1])...))
	}
	return []*function{
		define("array", ak, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return arrayResult(k, a)
		}, k).callable().repeating(),
		define("array_append", ak, appended, ak, k).callable(),
		define("array_prepend", ak, prepended, k, ak).callable(),
		define("array_cat", ak, joined, ak, ak).callable(),
		define("concat_op", ak, appended, ak, k).callable(),
		define("concat_op", ak, prepended, k, ak).callable(),
		define("concat_op", ak, joined, ak, ak).callable(),
	}
}

// arrayMeasures are the functions of an array's shape. An empty array has no dimension.
func arrayMeasures(k shape) []*function {
	ak, i4 := arrayOf(k), value.Int4
	perDimension := func(name string, of func(n int64) int64) *function {
		return define(name, i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			n := int64(value.ArrayLen(a[0]))
			if n == 0 || a[1].I != 1 {
				return value.NullDatum, nil
			}
			return value.NewInt(i4, of(n)), nil
		}, ak, i4).safe()
	}
	return []*function{
		perDimension("array_length", func(n int64) int64 { return n }),
		perDimension("array_upper", func(n int64) int64 { return n }),
		perDimension("array_lower", func(int64) int64 { return 1 }),
		define("cardinality", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewInt(i4, int64(value.ArrayLen(a[0]))), nil
		}, ak).safe(),
		define("array_ndims", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if value.ArrayLen(a[0]) == 0 {
				return value.NullDatum, nil
			}
			return value.NewInt(i4, 1), nil
		}, ak).safe(),
	}
}

// arrayParts are subscripts, slices and trim_array.
func arrayParts(k shape) []*function {
	ak, i4 := arrayOf(k), value.Int4
	return []*function{
		define("array_get", k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			elems := elemsOf(a[0])
			if i := a[1].I; i >= 1 && i <= int64(len(elems)) {
				return elems[i-1], nil
			}
			return value.NullDatum, nil
		}, ak, i4).safe(),
		define("array_slice", ak, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			elems := elemsOf(a[0])
			lo, hi := max(a[1].I, 1), min(a[2].I, int64(len(elems)))
			if lo > hi {
				return arrayResult(k, nil)
			}
			return arrayResult(k, elems[lo-1:hi])
		}, ak, i4, i4).safe(),
		define("trim_array", ak, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			elems := elemsOf(a[0])
			n := a[1].I
			if n < 0 || n > int64(len(elems)) {
				return value.NullDatum, value.Errorf("2202E",
					"number of elements to trim must be between 0 and %d", len(elems))
			}
			return arrayResult(k, elems[:int64(len(elems))-n])
		}, ak, i4),
	}
}

// arraySearches look for elements.
func arraySearches() []*function {
	var fs []*function
	for _, k := range scalarKinds() {
		fs = append(fs, arrayPositions(k)...)
		fs = append(fs, arrayReplacers(k)...)
		fs = append(fs, arraySets(k)...)
	}
	return fs
}

func arrayPositions(k shape) []*function {
	ak, i4 := arrayOf(k), value.Int4
	position := func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		if a[0].IsNull() {
			return value.NullDatum, nil
		}
		elems := elemsOf(a[0])
		if len(elems) == 0 || a[1].IsNull() && !slices.ContainsFunc(elems, value.Datum.IsNull) {
			return value.NullDatum, nil
		}
		from := int64(1)
		if len(a) == 3 {
			if a[2].IsNull() {
				return value.NullDatum, value.Errorf("22004", "initial position must not be null")
			}
			from = a[2].I
		}
		for i, e := range elems {
			if int64(i) >= from-1 && value.Equal(e, a[1]) {
				return value.NewInt(i4, int64(i)+1), nil
			}
		}
		return value.NullDatum, nil
	}
	return []*function{
		define("array_position", i4, position, ak, k).callable().safe(),
		define("array_position", i4, position, ak, k, i4).callable(),
		define("array_positions", arrayOf(i4),
			func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				if a[0].IsNull() {
					return value.NullDatum, nil
				}
				var at []value.Datum
				for i, e := range elemsOf(a[0]) {
					if value.Equal(e, a[1]) {
						at = append(at, value.NewInt(i4, int64(i)+1))
					}
				}
				return arrayResult(i4, at)
			}, ak, k).callable(),
	}
}

func arrayReplacers(k shape) []*function {
	ak := arrayOf(k)
	return []*function{
		define("array_remove", ak, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if a[0].IsNull() {
				return value.NullDatum, nil
			}
			return arrayResult(k, slices.DeleteFunc(elemsOf(a[0]), func(e value.Datum) bool {
				return value.Equal(e, a[1])
			}))
		}, ak, k).callable(),
		define("array_replace", ak, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if a[0].IsNull() {
				return value.NullDatum, nil
			}
			elems := elemsOf(a[0])
			for i, e := range elems {
				if value.Equal(e, a[1]) {
					elems[i] = a[2]
				}
			}
			return arrayResult(k, elems)
		}, ak, k, k).callable(),
	}
}

// arraySets are @>, <@ and &&: NULL elements match nothing.
func arraySets(k shape) []*function {
	ak := arrayOf(k)
	return []*function{
		define("contains", value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewBool(containsAll(elemsOf(a[0]), elemsOf(a[1]))), nil
		}, ak, ak).safe().matching(),
		define("contained", value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewBool(containsAll(elemsOf(a[1]), elemsOf(a[0]))), nil
		}, ak, ak).safe().matching(),
		define("overlap", value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			in := memberTest(elemsOf(a[0]))
			return value.NewBool(slices.ContainsFunc(elemsOf(a[1]), in)), nil
		}, ak, ak).safe().matching(),
	}
}

func containsAll(have, want []value.Datum) bool {
	in := memberTest(have)
	for _, w := range want {
		if !in(w) {
			return false
		}
	}
	return true
}

// memberTest sorts the elements once; NULL is a member of nothing.
func memberTest(elems []value.Datum) func(value.Datum) bool {
	sorted := slices.DeleteFunc(elems, value.Datum.IsNull)
	slices.SortStableFunc(sorted, value.Compare)
	return func(d value.Datum) bool {
		if d.IsNull() {
			return false
		}
		_, found := slices.BinarySearchFunc(sorted, d, value.Compare)
		return found
	}
}
