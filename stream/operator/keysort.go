package operator

import (
	"bytes"
	"slices"
)

// item is an entry that is being sorted: eight bytes of its key as a number, and where it is.
type item struct {
	head uint64
	at   int32
}

// Sizes from which entries are sorted by radix, and by eight bytes at a time.
const (
	radixFrom = 256
	headsFrom = 16
)

// sortFrom sorts items, which are in the order of their rows and share the first skip bytes of
// their keys: by the eight bytes after all that they share, then each run of items that are equal
// in those by the rest. tmp is memory for as many items, or nil.
func (e *entries) sortFrom(items, tmp []item, skip int) {
	if len(items) < headsFrom {
		slices.SortFunc(items, e.compare)
		return
	}
	skip = e.commonPrefix(items, skip)
	short, ascending := false, true
	for i := range items {
		k := e.key(items[i].at)
		short = short || len(k) < skip+8
		items[i].head = head(k[skip:])
		ascending = ascending && (i == 0 || items[i-1].head <= items[i].head)
	}
	switch {
	case ascending:
	case len(items) < radixFrom:
		slices.SortFunc(items, func(x, y item) int {
			if x.head != y.head {
				if x.head < y.head {
					return -1
				}
				return 1
			}
			return int(x.at) - int(y.at)
		})
	default:
		if tmp == nil {
			tmp = make([]item, len(items))
		}
		sortByRadix(items, tmp[:len(items)])
	}
	for i := 0; i < len(items); {
		j := i + 1
		for j < len(items) && items[j].head == items[i].head {
			j++
		}
		switch run := items[i:j]; {
		case len(run) == 1:
		case short: // zeros that pad a key are not told from zeros of one
			slices.SortFunc(run, e.compare)
		case !e.allEqual(run, skip+8):
			e.sortFrom(run, tmp, skip+8)
		}
		i = j
	}
}

// compare orders by key, then by row.
func (e *entries) compare(x, y item) int {
	if c := bytes.Compare(e.key(x.at), e.key(y.at)); c != 0 {
		return c
	}
	return int(x.at) - int(y.at)
}

// allEqual reports whether all keys are equal from skip on.
func (e *entries) allEqual(items []item, skip int) bool {
	first := e.key(items[0].at)[skip:]
	for _, it := range items[1:] {
		if !bytes.Equal(e.key(it.at)[skip:], first) {
			return false
		}
	}
	return true
}

// commonPrefix is how many leading bytes all keys share, of which skip are known.
func (e *entries) commonPrefix(items []item, skip int) int {
	first := e.key(items[0].at)
	n := len(first)
	for _, it := range items[1:] {
		k := e.key(it.at)
		n = min(n, len(k))
		if n > skip && k[n-1] == first[n-1] && bytes.Equal(k[skip:n], first[skip:n]) {
			continue
		}
		j := skip
		for j < n && k[j] == first[j] {
			j++
		}
		if n = j; n == skip {
			break
		}
	}
	return n
}

// sortByRadix sorts by head, least significant byte first, and keeps the order of equal ones; a
// byte in which all are equal costs nothing.
func sortByRadix(items, tmp []item) {
	var counts [8][256]uint32
	for _, it := range items {
		for b := range counts {
			counts[b][byte(it.head>>(8*b))]++
		}
	}
	from, to := items, tmp
	for b := range counts {
		c := &counts[b]
		if c[byte(items[0].head>>(8*b))] == uint32(len(items)) {
			continue
		}
		sum := uint32(0)
		for v, n := range c {
			c[v], sum = sum, sum+n
		}
		for _, it := range from {
			v := byte(it.head >> (8 * b))
			to[c[v]] = it
			c[v]++
		}
		from, to = to, from
	}
	if &from[0] != &items[0] {
		copy(items, from)
	}
}
