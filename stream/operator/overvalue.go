package operator

import (
	"weir/stream/value"
)

var (
	errNth   = value.Errorf("22016", "argument of nth_value must be greater than zero")
	errNtile = value.Errorf("22014", "argument of ntile must be greater than zero")
)

// runValue computes first_value, last_value and nth_value.
func (v *overEval) runValue(c int) {
	call := &v.w.o.spec.Calls[c]
	for i := v.lo; i < v.hi; i++ {
		from, to := v.frame(call, i)
		at := -1
		switch call.Func {
		case OverFirst:
			at = v.nth(&call.Frame, i, from, to, 1)
		case OverLast:
			at = v.last(&call.Frame, i, from, to)
		default:
			n := v.datum(call.Args[1], i)
			if n.IsNull() {
				continue
			}
			if n.I <= 0 {
				v.fail(i-v.lo, c, errNth)
				continue
			}
			at = v.nth(&call.Frame, i, from, to, n.I)
		}
		if at >= 0 {
			v.vals[c][i-v.lo] = v.datum(call.Args[0], at)
		}
	}
}

// nth returns the nth unit of a frame, -1 if there are fewer.
func (v *overEval) nth(f *Frame, i, from, to int, n int64) int {
	if f.Exclude == ExcludeNone {
		if from >= to || n > int64(to-from) {
			return -1
		}
		return from + int(n) - 1
	}
	at := -1
	v.each(f, i, from, to, func(k int) bool {
		if n--; n == 0 {
			at = k
		}
		return n > 0
	})
	return at
}

// last returns the last unit of a frame, -1 if it is empty.
func (v *overEval) last(f *Frame, i, from, to int) int {
	for k := to - 1; k >= from; k-- {
		in := false
		v.each(f, i, k, k+1, func(int) bool {
			in = true
			return true
		})
		if in {
			return k
		}
	}
	return -1
}

// runOther computes the functions without a frame that are not numbers.
func (v *overEval) runOther(c int) {
	call := &v.w.o.spec.Calls[c]
	switch call.Func {
	case OverLag, OverLead:
		v.runShift(c)
	case OverNtile:
		v.runNtile(c)
	default:
		total := v.u.len()
		for i := v.lo; i < v.hi; i++ {
			g := v.u.group[i]
			share := 0.0
			if call.Func == OverCumeDist {
				share = float64(float64(v.u.start[g+1]) / float64(total))
			} else if total > 1 {
				share = float64(float64(v.u.start[g]) / float64(total-1))
			}
			v.vals[c][i-v.lo] = value.NewFloat(value.Float8, share)
		}
	}
}

// runShift computes lag and lead.
func (v *overEval) runShift(c int) {
	call := &v.w.o.spec.Calls[c]
	for i := v.lo; i < v.hi; i++ {
		by := value.NewInt8(1)
		if len(call.Args) > 1 {
			by = v.datum(call.Args[1], i)
		}
		if by.IsNull() {
			continue
		}
		// Both distances to the outside fit, so no sum overflows.
		ahead, n := by.I, int64(v.u.len())
		if call.Func == OverLag {
			ahead = min(-by.I, n) // the least bigint is its own negation, and out in any case
		}
		switch {
		case ahead >= -int64(i) && ahead < n-int64(i):
			v.vals[c][i-v.lo] = v.datum(call.Args[0], i+int(ahead))
		case len(call.Args) > 2:
			v.vals[c][i-v.lo] = v.datum(call.Args[2], i)
		}
	}
}

// runNtile deals the rows of the partition into buckets whose sizes differ by one at most, the
// larger first, as window_ntile of PostgreSQL's windowfuncs.c does: the number of buckets is that
// of the first row which has one, and the rows before are in none.
func (v *overEval) runNtile(c int) {
	call := &v.w.o.spec.Calls[c]
	total := int64(v.u.len())
	var bucket, size, larger, filled int64
	for i := range v.u.len() {
		if bucket == 0 {
			n := v.datum(call.Args[0], i)
			if n.IsNull() {
				continue
			}
			if n.I <= 0 {
				v.fail(i-v.lo, c, errNtile)
				continue
			}
			bucket, size, larger = 1, total/n.I, total%n.I
			if size == 0 {
				size, larger = 1, 0
			} else if larger > 0 {
				size++
			}
		}
		if filled == size {
			if larger > 0 && bucket == larger {
				larger = 0
				size--
			}
			bucket++
			filled = 0
		}
		filled++
		v.vals[c][i-v.lo] = value.NewInt(call.Type.Kind, bucket)
	}
}
