package window

// TumbleStart returns the start of the tumbling window of the given size that holds ts: the
// greatest offset + k*size that is not above ts. Size must be positive.
func TumbleStart(ts, size, offset int64) int64 {
	d := satSub(ts, offset) % size
	if d < 0 {
		d += size
	}
	return satSub(ts, d)
}

// HopStarts appends the starts of the sliding windows that hold ts, in ascending order: every
// offset + k*slide in (ts - size, ts]. Size and slide must be positive.
func HopStarts(dst []int64, ts, size, slide, offset int64) []int64 {
	last := TumbleStart(ts, slide, offset)
	n := (satSub(size, satSub(ts, last)) + slide - 1) / slide // windows that still reach ts
	for k := n - 1; k >= 0; k-- {
		dst = append(dst, satSub(last, k*slide))
	}
	return dst
}

// CumulateEnds appends the ends of the cumulating windows that hold ts, in ascending order.
// They all start at start, the tumbling start for size, and grow by step up to size.
func CumulateEnds(dst []int64, ts, size, step, offset int64) (start int64, ends []int64) {
	start = TumbleStart(ts, size, offset)
	first := satAdd(start, step*(satSub(ts, start)/step+1))
	end := satAdd(start, size)
	for e := first; e < end; e = satAdd(e, step) {
		dst = append(dst, e)
	}
	return start, append(dst, end)
}

// HopCount is the greatest number of sliding windows that hold one time.
func HopCount(size, slide int64) int64 { return (size + slide - 1) / slide }
