package agg

import "weir/stream/value"

// mode is the first, in order, of the values that are there most often. Equal values that look
// different count together, and the first of them is the result.
func mode(_ Call, cols []*value.Vec, weights []int64) (value.Datum, *value.Error) {
	best, most := -1, int64(0)
	for i := 0; i < len(weights); {
		n, j := int64(0), i
		for ; j < len(weights) && cols[0].CompareAt(i, cols[0], j) == 0; j++ {
			n += weights[j]
		}
		if n > most {
			best, most = i, n
		}
		i = j
	}
	if best < 0 {
		return value.Datum{}, nil
	}
	return cols[0].Datum(best), nil
}
