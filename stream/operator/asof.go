package operator

import (
	"bytes"

	"weir/stream/batch"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// AsofSpec says which right row an as-of join gives to a left one: of those with equal keys, the
// nearest in time at or before it, or with Future at or after it; Strict leaves equal times out.
type AsofSpec struct {
	Left, Right         []value.Type
	LeftKeys, RightKeys []int
	LeftTime, RightTime int
	Future, Strict      bool
	Outer               bool  // left rows without a match come with NULLs
	Ties                []int // right columns that order rows of one time
	Timed               bool  // both time columns can carry marks
}

// Asof is an as-of join. The runs of both sides are ordered by
//
//	join key ++ time, from the left row on towards its matches ++ [ties ++] row
//
// so that the match of a left row is the first right entry of its key at or behind its time: one
// seek. A change on the right at time t gives another match to the left rows between the right
// entry before t and t, and to no others:
//
//	d = a * match' + for each changed t: A(before t .. t] * (match' - match)
//
// Once the lesser of both marks has passed a time, nothing at it changes. Of the past then only
// the last right row of a key is kept, and no left row; towards the future, no left row whose
// match has been passed, and no right row that has been. A run time ++ key says which keys to
// look at.
type Asof struct {
	spec        AsofSpec
	left, right asofSide
	types       []value.Type
	expiry      state.Runs
	bound       []byte // memory that seeks reuse
}

// NewAsof returns an as-of join.
func NewAsof(s AsofSpec) *Asof {
	return &Asof{
		spec: s,
		left: asofSide{keys: s.LeftKeys, time: s.LeftTime, types: s.Left, back: !s.Future},
		right: asofSide{
			keys: s.RightKeys, time: s.RightTime, types: s.Right, back: !s.Future, ties: s.Ties,
		},
		types: append(append([]value.Type{}, s.Left...), s.Right...),
	}
}

// Name implements Operator.
func (j *Asof) Name() string { return "asof_join" }

// Types implements Operator.
func (j *Asof) Types() []value.Type { return j.types }

// States implements Operator.
func (j *Asof) States() []state.Operator {
	out := []state.Operator{&j.left.rows, &j.right.rows}
	if j.spec.Timed {
		out = append(out, &j.expiry)
	}
	return out
}

// Step implements Operator.
func (j *Asof) Step(ctx *Context, in []Delta) Delta {
	oldLeft, oldRight := j.left.rows.Version(), j.right.rows.Version()
	a := j.left.absorb(ctx, in[0].Rows)
	b := j.right.absorb(ctx, in[1].Rows)
	now := j.right.rows.Version()

	m := matches{j: j, ctx: ctx, right: newMatched(j.spec.Right)}
	m.added(a, now)
	m.apart(a)
	m.left = batch.NewBuilder(j.spec.Left, 0)
	m.moved(b, oldLeft, oldRight, now)
	out := Delta{Rows: m.rows(in[0].Rows), Marks: j.outMarks(in)}
	if j.spec.Timed {
		j.expect(ctx, a, b)
		w := min(in[0].Mark(j.spec.LeftTime), in[1].Mark(j.spec.RightTime))
		if w != window.None {
			j.free(w)
		}
	}
	return out
}

// outMarks: a match in the past is final once both marks have passed the left row; one in the
// future is never known to be before it is there.
func (j *Asof) outMarks(in []Delta) []int64 {
	if j.spec.Future {
		return nil
	}
	out := make([]int64, len(j.types))
	for i := range out {
		out[i] = window.None
	}
	out[j.spec.LeftTime] = min(in[0].Mark(j.spec.LeftTime), in[1].Mark(j.spec.RightTime))
	return out
}

// matches lists the changes of the output: left rows, of the delta or found, each with a row of
// right, of which row 0 is all NULLs.
type matches struct {
	j     *Asof
	ctx   *Context
	right *matched
	left  *batch.Builder // left rows that were found

	own, ownMatch, old, oldMatch []int32
	ownWeights, oldWeights       []int64
	to                           []byte // memory that ranges reuse
}

// added gives every row of a left delta its match.
func (m *matches) added(d asofDelta, now state.Version) {
	cur := now.Cursor()
	var last []byte
	match := int32(0)
	for _, at := range d.order {
		if moment := d.moment(at); last == nil || string(moment) != string(last) {
			last = moment
			match = m.right.read(m.j.seek(&cur, moment, d.cuts[at]))
		}
		m.put(d.e.rows[at], match, d.e.weights[at])
	}
}

// apart lists the rows of a left delta that match nothing because of a NULL.
func (m *matches) apart(d asofDelta) {
	for _, i := range d.apart {
		m.put(i, 0, d.b.Weight(int(i)))
	}
}

func (m *matches) put(row, match int32, weight int64) {
	if match > 0 || m.j.spec.Outer {
		m.own, m.ownMatch = append(m.own, row), append(m.ownMatch, match)
		m.ownWeights = append(m.ownWeights, weight)
	}
}

// seek returns the match of a left row at a moment, join key ++ time: the first right entry of its
// key, the first cut bytes, at the moment or behind. Moments must not descend.
func (j *Asof) seek(cur *state.Cursor, moment []byte, cut uint32) (key, stored []byte) {
	from := moment
	if j.spec.Strict {
		j.bound = behind(j.bound, moment)
		from = j.bound
	}
	return j.at(cur, from, moment[:cut])
}

// at returns the first right entry from a bound on that starts with a join key.
func (j *Asof) at(cur *state.Cursor, from, group []byte) (key, stored []byte) {
	cur.Seek(from)
	if key, stored, ok := cur.Under(group); ok {
		return key, stored
	}
	return nil, nil
}

// moved goes through the moments at which the right side changed, and gives the left rows that
// were there before, and look at that moment, their new match for the old one.
func (m *matches) moved(d asofDelta, left, before, after state.Version) {
	was, is, gap, rows := before.Cursor(), after.Cursor(), after.Cursor(), left.Cursor()
	var last []byte // moment done last
	lastCut := uint32(0)
	for _, at := range d.order {
		moment, cut := d.moment(at), d.cuts[at]
		if last != nil && string(moment) == string(last) {
			continue
		}
		group := moment[:cut]
		same := last != nil && string(last[:lastCut]) == string(group)
		oldKey, oldValue := m.j.at(&was, moment, group)
		newKey, newValue := m.j.at(&is, moment, group)
		if string(oldKey) != string(newKey) {
			gap.Seek(moment)
			low := group // the left rows of the moment lie behind this
			if k, stored := gap.Previous(); k != nil && bytes.HasPrefix(k, group) {
				low = k[:decodeAsof(stored).moment]
			}
			if same && bytes.Compare(last, low) > 0 {
				low = last
			}
			m.rematch(&rows, low, moment, cut, m.right.read(oldKey, oldValue),
				m.right.read(newKey, newValue))
		}
		last, lastCut = moment, cut
	}
}

// rematch changes the match of the left rows between low and a moment.
func (m *matches) rematch(
	rows *state.Cursor, low, moment []byte, cut uint32, was, is int32,
) {
	from, to := low, moment
	if !m.j.spec.Strict {
		m.to = behind(m.to, moment)
		to = m.to
		if len(low) > int(cut) {
			m.j.bound = behind(m.j.bound, low)
			from = m.j.bound
		}
	}
	for rows.Seek(from); ; rows.Next() {
		key, stored := rows.Entry()
		if key == nil || bytes.Compare(key, to) >= 0 {
			return
		}
		v := decodeAsof(stored)
		at := int32(m.left.Len())
		decodeOwn(m.left.Cols, key[v.row:])
		m.left.Close(1)
		m.ctx.Bound(2 * m.left.Len())
		m.change(at, was, -v.weight)
		m.change(at, is, v.weight)
	}
}

func (m *matches) change(left, match int32, weight int64) {
	if match > 0 || m.j.spec.Outer {
		m.old, m.oldMatch = append(m.old, left), append(m.oldMatch, match)
		m.oldWeights = append(m.oldWeights, weight)
	}
}

// rows assembles the output.
func (m *matches) rows(d *batch.Batch) *batch.Batch {
	var parts []*batch.Batch
	add := func(left []*value.Vec, sel, match []int32, weights []int64) {
		b := &batch.Batch{Len: len(sel), Weights: weights}
		for _, c := range left {
			b.Cols = append(b.Cols, c.Gather(sel))
		}
		for _, c := range m.right.cols {
			b.Cols = append(b.Cols, c.Gather(match))
		}
		parts = append(parts, b)
	}
	if len(m.own) > 0 {
		add(d.Cols, m.own, m.ownMatch, m.ownWeights)
	}
	if len(m.old) > 0 {
		add(m.left.Cols, m.old, m.oldMatch, m.oldWeights)
	}
	return consolidated(m.j.types, parts)
}

// behind makes, in dst, the least key above every key that starts with prefix. A key never consists
// of FF alone.
func behind(dst, prefix []byte) []byte {
	dst = append(dst[:0], prefix...)
	for dst[len(dst)-1] == 0xFF {
		dst = dst[:len(dst)-1]
	}
	dst[len(dst)-1]++
	return dst
}
