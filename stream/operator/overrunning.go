package operator

import "bytes"

// runRunning computes the running calls from the row before the region's changed part on. Every
// row from there to the end of the partition is in the region.
func (v *overEval) runRunning() {
	w := v.w
	order := v.start()
	open, unit := v.lo, v.lo // open: first unit whose peers may not all have come yet
	for at := w.lo; at < w.hi; at++ {
		e := &w.list[at]
		n := e.old
		if v.new {
			n = e.new
		}
		if n == 0 {
			if v.new {
				w.write(e, nil)
			}
			continue
		}
		if order == nil || !bytes.Equal(order, e.order()) {
			v.settle(open, unit)
			open, order = unit, e.order()
			v.state.start = v.state.rows
			v.state.groups++
		}
		for range n {
			v.running(unit)
			unit++
		}
		if v.new {
			v.keep(e)
		}
	}
	v.settle(open, unit)
}

// start loads the running state of the row before, and returns its order, nil if there is none.
func (v *overEval) start() (order []byte) {
	v.state = overRunning{}
	before := v.w.before
	rest := before.more
	if before.order != nil {
		rest = v.state.load(rest)
	}
	for _, k := range v.keepers {
		switch {
		case k == nil:
		case before.order != nil:
			rest = k.Load(rest)
		default:
			k.Reset()
		}
	}
	return before.order
}

// running takes a unit in.
func (v *overEval) running(unit int) {
	v.state.rows++
	for c := range v.keepers {
		call := &v.w.o.spec.Calls[c]
		number := int64(0)
		switch call.Func {
		case OverRowNumber:
			number = v.state.rows
		case OverRank:
			number = v.state.start + 1
		case OverDenseRank:
			number = v.state.groups
		}
		if number > 0 {
			d := &v.vals[c][unit-v.lo]
			d.Kind, d.I = call.Type.Kind, number
			continue
		}
		if k := v.keepers[c]; k != nil {
			row := v.row(unit)
			if k.Add(v.w.rows.Cols, row); call.Frame.Mode == FrameRows {
				v.set(unit-v.lo, c, k)
			}
		}
	}
}

// settle gives the units from..to-1, which are peers, the results of running calls whose frames
// end with the last peer.
func (v *overEval) settle(from, to int) {
	for c, k := range v.keepers {
		if k == nil || v.w.o.spec.Calls[c].Frame.Mode == FrameRows {
			continue
		}
		for i := from; i < to; i++ {
			v.set(i-v.lo, c, k)
		}
	}
}

// keep stores the running state after an entry.
func (v *overEval) keep(e *overEntry) {
	v.more = v.state.append(v.more[:0])
	for _, k := range v.keepers {
		if k != nil {
			v.more = k.Append(v.more)
		}
	}
	v.w.write(e, v.more)
}
