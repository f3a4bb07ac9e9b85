package operator

import (
	"bytes"
	"encoding/binary"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// sessionWalk goes through a delta in the order of partitions and times, and through the states
// beside it.
type sessionWalk struct {
	s          *Session
	d          keyed
	ctx        *Context
	open, rows state.Cursor
	// found has the stored rows of touched sessions; the output picks rows of found and of the
	// delta, found first.
	found   *batch.Builder
	out     []seated
	old     []span // sessions of the cluster at hand, before and after the step
	fresh   []span
	members []member
	arena   []byte
	// Changes of the sessions, each session as partition ++ start ++ end.
	gone, made entries
}

// span is a session: from its first row to a gap after its last.
type span struct{ start, end int64 }

// member is a row of a cluster, with its weight before and after the step.
type member struct {
	time        int64
	at          int32 // row of found if stored, else of the delta
	stored      bool
	was, weight int64
}

// seated is a row of the output.
type seated struct {
	at     int32
	stored bool
	in     span
	weight int64
}

// keyTime reads the time at the start of a part of a key.
func keyTime(key []byte) int64 { return int64(binary.BigEndian.Uint64(key[1:]) ^ 1<<63) }

// appendTime appends a time as keys have it. A NULL has no place here.
func appendTime(dst []byte, k value.Kind, t int64) []byte {
	return row.AppendKeyDatum(dst, value.NewInt(k, t))
}

// entry returns the partition and the time of a delta entry.
func (w *sessionWalk) entry(i int) (part []byte, t int64) {
	at := w.d.order[i]
	key, cut := w.d.e.key(at), w.d.cuts[at]
	return key[:cut], keyTime(key[cut:])
}

// cluster settles the sessions that entry i touches, and with them all entries that touch these,
// and returns the number of the next entry.
//
// It collects delta entries and old sessions while they are less than a gap apart.
func (w *sessionWalk) cluster(i int) int {
	part, t := w.entry(i)
	w.old, w.fresh, w.members = w.old[:0], w.fresh[:0], w.members[:0]
	w.touching(part, t)
	reach := t + w.s.gap // what starts below it belongs to the cluster
	if n := len(w.old); n > 0 {
		reach = max(reach, w.old[n-1].end)
	}
	j := i + 1
	for ; j < len(w.d.order); j++ {
		p, next := w.entry(j)
		if !bytes.Equal(p, part) || next >= reach {
			break
		}
		w.touching(part, next)
		reach = max(reach, next+w.s.gap)
		if n := len(w.old); n > 0 {
			reach = max(reach, w.old[n-1].end)
		}
	}
	if w.inside(i, j) {
		return j
	}
	w.collect(part, i, j)
	w.derive()
	w.emit()
	w.note(part)
	return j
}

// touching adds the old sessions that time t of a partition touches and that are not there yet.
func (w *sessionWalk) touching(part []byte, t int64) {
	if n := len(w.old); n > 0 && w.old[n-1].start >= t {
		return // the one after t is there, and so is the one before
	}
	w.arena = appendTime(append(w.arena[:0], part...), w.s.in[w.s.time].Kind, t+w.s.gap)
	w.open.Seek(w.arena)
	back := w.open
	var found [2]span
	n := 0
	for n < len(found) {
		if !back.Back() {
			break
		}
		key, end := back.Entry()
		if key == nil || len(key) != len(part)+timeBytes || !bytes.HasPrefix(key, part) {
			break
		}
		x := span{keyTime(key[len(part):]), keyTime(end)}
		if x.end <= t {
			break
		}
		found[n] = x
		n++
	}
	for n--; n >= 0; n-- {
		if k := len(w.old); k == 0 || w.old[k-1].start < found[n].start {
			w.old = append(w.old, found[n])
		}
	}
}

// inside handles the entries i..j-1 if they only add rows within the bounds of one session, which
// stays as it is: no other row of it moves.
func (w *sessionWalk) inside(i, j int) bool {
	if len(w.old) != 1 {
		return false
	}
	in := w.old[0]
	for k := i; k < j; k++ {
		_, t := w.entry(k)
		if t < in.start || t+w.s.gap > in.end || w.d.e.weights[w.d.order[k]] < 0 {
			return false
		}
	}
	for _, at := range w.d.order[i:j] {
		w.out = append(w.out, seated{w.d.e.rows[at], false, in, w.d.e.weights[at]})
	}
	return true
}

// collect reads the rows of the old sessions and adds the entries i..j-1, in the order of times.
func (w *sessionWalk) collect(part []byte, i, j int) {
	kind := w.s.in[w.s.time].Kind
	for _, x := range w.old {
		w.arena = appendTime(append(w.arena[:0], part...), kind, x.start)
		w.rows.Seek(w.arena)
		for ; ; w.rows.Next() {
			key, value, ok := w.rows.Under(part)
			if !ok || keyTime(key[len(part):]) >= x.end {
				break
			}
			for i < j && bytes.Compare(w.d.e.key(w.d.order[i]), key) < 0 {
				w.add(i, 0)
				i++
			}
			was := weightOf(value)
			if i < j && bytes.Equal(w.d.e.key(w.d.order[i]), key) {
				w.add(i, was)
				i++
				continue
			}
			m := member{
				time: keyTime(key[len(part):]), at: int32(w.found.Len()), stored: true,
				was: was, weight: was,
			}
			if err := row.DecodeRowInto(w.found.Cols, key[len(part)+timeBytes:]); err != nil {
				panic("operator: own session row does not decode: " + err.Error())
			}
			w.found.Close(1)
			w.members = append(w.members, m)
			w.ctx.Bound(w.found.Len())
		}
	}
	for ; i < j; i++ {
		w.add(i, 0)
	}
}

// add adds a delta entry whose row had weight was.
func (w *sessionWalk) add(i int, was int64) {
	at := w.d.order[i]
	_, t := w.entry(i)
	w.members = append(w.members, member{
		time: t, at: w.d.e.rows[at], was: was, weight: was + w.d.e.weights[at],
	})
}

// derive finds the sessions of the rows that are there after the step.
func (w *sessionWalk) derive() {
	for _, m := range w.members {
		if m.weight == 0 {
			continue
		}
		end := m.time + w.s.gap
		if n := len(w.fresh); n > 0 && m.time < w.fresh[n-1].end {
			w.fresh[n-1].end = end
			continue
		}
		w.fresh = append(w.fresh, span{m.time, end})
	}
}

// emit puts out the rows that move: taken from the old session, seated into the new one.
func (w *sessionWalk) emit() {
	old, fresh := 0, 0
	for _, m := range w.members {
		var was, is span
		if m.was != 0 {
			for w.old[old].end <= m.time {
				old++
			}
			was = w.old[old]
		}
		if m.weight != 0 {
			for w.fresh[fresh].end <= m.time {
				fresh++
			}
			is = w.fresh[fresh]
		}
		if m.was != 0 && m.weight != 0 && was == is {
			if m.was != m.weight {
				w.out = append(w.out, seated{m.at, m.stored, is, m.weight - m.was})
			}
			continue
		}
		if m.was != 0 {
			w.out = append(w.out, seated{m.at, m.stored, was, -m.was})
		}
		if m.weight != 0 {
			w.out = append(w.out, seated{m.at, m.stored, is, m.weight})
		}
	}
	w.ctx.Bound(len(w.out))
}

// note records the sessions of a partition that came and went.
func (w *sessionWalk) note(part []byte) {
	old, fresh := w.old, w.fresh
	for len(old) > 0 || len(fresh) > 0 {
		switch {
		case len(old) > 0 && len(fresh) > 0 && old[0] == fresh[0]:
			old, fresh = old[1:], fresh[1:]
		case len(fresh) == 0 || len(old) > 0 && old[0].start <= fresh[0].start:
			w.session(&w.gone, part, old[0])
			old = old[1:]
		default:
			w.session(&w.made, part, fresh[0])
			fresh = fresh[1:]
		}
	}
}

func (w *sessionWalk) session(list *entries, part []byte, x span) {
	kind := w.s.in[w.s.time].Kind
	list.arena = appendTime(append(list.arena, part...), kind, x.start)
	list.arena = appendTime(list.arena, kind, x.end)
	list.close(0, 1)
}

// assemble gathers the output.
func (w *sessionWalk) assemble(b *batch.Batch) *batch.Batch {
	n := len(w.out)
	sel := make([]int32, n)
	starts, ends, weights := make([]int64, n), make([]int64, n), make([]int64, n)
	appends := true
	stored := int32(w.found.Len())
	for i, p := range w.out {
		if sel[i] = p.at; !p.stored {
			sel[i] += stored
		}
		starts[i], ends[i], weights[i] = p.in.start, p.in.end, p.weight
		appends = appends && p.weight > 0
	}
	all := &batch.Batch{Cols: b.Cols, Len: b.Len}
	if stored > 0 {
		all = batch.Concat(w.s.in, w.found.Batch(), all)
	}
	t := w.s.in[w.s.time]
	out := &batch.Batch{Len: n, Weights: weights, AppendOnly: appends}
	for _, c := range all.Cols {
		out.Cols = append(out.Cols, c.Gather(sel))
	}
	out.Cols = append(out.Cols, value.NewVecInts(t, starts, nil), value.NewVecInts(t, ends, nil))
	return out
}

// settle writes the sessions that came and went.
func (s *Session) settle(ctx *Context, w *sessionWalk) {
	var open, ends, starts changeList
	each := func(list *entries, note func(part, start, end []byte)) {
		for i := range list.len() {
			key := list.key(int32(i))
			n := len(key) - 2*timeBytes
			note(key[:n], key[n:n+timeBytes], key[n+timeBytes:])
		}
	}
	each(&w.gone, func(part, start, end []byte) {
		open.remove(part, start)
		if s.timed {
			ends.remove(end, part, start)
			starts.remove(start, part)
		}
	})
	each(&w.made, func(part, start, end []byte) {
		open.put(end, part, start)
		if s.timed {
			ends.put(present, end, part, start)
			starts.put(present, start, part)
		}
	})
	for _, x := range [...]struct {
		run  *state.Runs
		list *changeList
	}{{&s.open, &open}, {&s.ends, &ends}, {&s.starts, &starts}} {
		writes := x.list.sorted()
		x.run.Apply(writes)
		ctx.wrote(writes)
	}
}
