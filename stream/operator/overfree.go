package operator

import (
	"bytes"
	"math"
	"slices"

	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// overKeep says which rows below the mark W of the time column later rows still need: the last
// rows and groups of each partition, and those whose time is not below W less each span.
type overKeep struct {
	frees  bool // whether rows are freed at all
	rows   int64
	groups int64
	spans  []value.Datum
}

func newOverKeep(o *Over) overKeep {
	k := overKeep{frees: o.spec.Timed >= 0}
	for i := range o.spec.Calls {
		c := &o.spec.Calls[i]
		if c.numbers() || o.running[i] != nil {
			k.rows = max(k.rows, 1) // the one that carries the running state
			continue
		}
		back, _ := c.looks()
		k.frees = k.frees && !back.all
		k.rows, k.groups = max(k.rows, back.rows), max(k.groups, back.groups)
		k.spans = append(k.spans, back.spans...)
	}
	return k
}

// noteTimes counts the rows of each time and partition.
func (o *Over) noteTimes(ctx *Context, l *laid) {
	list := newEntries(len(l.order), 32)
	ts := l.b.Cols[o.spec.Timed]
	for i := range l.order {
		at := int(l.row(i))
		if ts.IsNull(at) {
			continue
		}
		list.arena = row.AppendKeyColumn(append(list.arena, row.KeyTag), ts, at)
		list.arena = append(list.arena, l.partition(i)...)
		list.close(at, l.weight(i))
	}
	ctx.wrote(list.addTo(&o.times))
}

// free drops the rows that no row at or above mark w needs.
func (o *Over) free(w int64) {
	if w == window.None {
		return
	}
	kind := o.spec.Types[o.spec.Timed].Kind
	least, ok := o.keep.least(kind, w)
	if !ok {
		return
	}
	bound := markKey(kind, least)
	var parts [][]byte
	o.times.Version().Scan(nil, bound, func(key, _ []byte) bool {
		parts = append(parts, key[len(bound):])
		return true
	})
	if len(parts) == 0 {
		return
	}
	slices.SortFunc(parts, bytes.Compare)
	parts = slices.CompactFunc(parts, bytes.Equal)
	var writes []state.Change
	for _, p := range parts {
		writes = o.freeIn(writes, p, bound[1:], markKey(kind, w)[1:])
	}
	o.rows.Apply(writes)
	o.times.FreeBelow(bound)
}

// least is the time below which no span of a row at or above w reaches.
func (k *overKeep) least(kind value.Kind, w int64) (int64, bool) {
	least := w
	for _, span := range k.spans {
		t, ok := shiftTime(instant(kind, w), span.V, false)
		if !ok {
			return 0, false
		}
		if kind == value.Date { // down to the day
			t = (t - (t%value.MicrosPerDay+value.MicrosPerDay)%value.MicrosPerDay) /
				value.MicrosPerDay
		}
		least = min(least, t)
	}
	return least, true
}

// freeIn appends the deletions of the rows of a partition below bound that are not among its last
// ones below mark.
func (o *Over) freeIn(writes []state.Change, partition, bound, mark []byte) []state.Change {
	v := o.rows.Version()
	end := append(bytes.Clone(partition), bound...)
	if o.keep.rows > 0 || o.keep.groups > 0 {
		end = o.lastKept(v, partition, mark, end)
	}
	v.Scan(partition, end, func(key, _ []byte) bool {
		writes = append(writes, state.Change{Key: key})
		return true
	})
	return writes
}

// lastKept returns the first key of the partition that stays, at most end.
func (o *Over) lastKept(v state.Version, partition, mark, end []byte) []byte {
	cur := v.Cursor()
	cur.Seek(append(bytes.Clone(partition), mark...))
	var order []byte
	for rows, groups := int64(0), int64(0); cur.Back(); {
		key, val, ok := cur.Under(partition)
		if !ok {
			break
		}
		weight, at, _ := placed(key, val, len(partition))
		if o := key[at.part:at.order]; order == nil || !bytes.Equal(o, order) {
			order = o
			groups++
		}
		if rows >= o.keep.rows && groups > o.keep.groups {
			break
		}
		if bytes.Compare(key, end) < 0 {
			end = key
		}
		rows = min(rows, math.MaxInt64-weight) + weight
	}
	return end
}
