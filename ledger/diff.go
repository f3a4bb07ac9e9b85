package ledger

import (
	"errors"
	"fmt"
	"slices"

	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/tree"
)

// Difference is one thing in which two ledgers differ.
type Difference struct {
	Unit Unit
	// Key of a tree or of an operator's state; of a log, nil.
	Key []byte
	// A and B are the values, or the leaves; nil where there is none.
	A, B []byte
	// Note says what differs when it is no value.
	Note string
}

// Diff finds in what two ledgers differ, each as of one height that it keeps, up to most entries
// of each unit; most is at least 1. It compares hashes from the top and goes only where they
// differ. States of operators are as of the last checkpoint up to the height. It writes nothing.
//
// Errors: ErrOutside, ErrCorrupt, those of the stores.
func Diff(a, b *Ledger, heightA, heightB uint64, most int) (found []Difference, err error) {
	defer recoverFault(&err)
	d := differ{most: most}
	if d.a, err = newSide(a, heightA); err != nil {
		return nil, fmt.Errorf("first ledger, height %d: %w", heightA, err)
	}
	if d.b, err = newSide(b, heightB); err != nil {
		return nil, fmt.Errorf("second ledger, height %d: %w", heightB, err)
	}
	x, y := d.a.v.Units(), d.b.v.Units()
	for len(x) > 0 || len(y) > 0 {
		switch {
		case len(y) == 0 || len(x) > 0 && x[0].Unit.Compare(y[0].Unit) < 0:
			d.note(x[0].Unit, "only the first has it")
			x = x[1:]
		case len(x) == 0 || y[0].Unit.Compare(x[0].Unit) < 0:
			d.note(y[0].Unit, "only the second has it")
			y = y[1:]
		default:
			if x[0].Root != y[0].Root {
				if err := d.unit(x[0].Unit); err != nil {
					return nil, fmt.Errorf("unit %x: %w", x[0].Unit[:], err)
				}
			}
			x, y = x[1:], y[1:]
		}
	}
	return d.found, nil
}

// side is one of the two ledgers.
type side struct {
	l      *Ledger
	v      *Version
	states *record // of the last checkpoint up to the height
}

func newSide(l *Ledger, height uint64) (s side, err error) {
	if s.v, err = l.At(height); err != nil {
		return s, err
	}
	s.l = l
	heights, err := l.checkpoints()
	if err != nil {
		return s, err
	}
	i, ok := slices.BinarySearch(heights, height)
	if !ok {
		i--
	}
	if i >= 0 {
		s.states, err = l.record(heights[i])
	}
	return s, err
}

type differ struct {
	a, b  side
	most  int
	found []Difference
}

func (d *differ) note(u Unit, format string, args ...any) {
	d.found = append(d.found, Difference{Unit: u, Note: fmt.Sprintf(format, args...)})
}

// unit compares a unit that both have, with different roots.
func (d *differ) unit(u Unit) error {
	n := 0
	visit := func(key, a, b []byte) bool {
		d.found = append(d.found, Difference{
			Unit: u, Key: slices.Clone(key), A: slices.Clone(a), B: slices.Clone(b),
		})
		n++
		return n < d.most
	}
	switch {
	case u.IsTree():
		tree.Diff(d.a.v.Tree(u), d.b.v.Tree(u), visit)
	case u.IsLog():
		return d.log(u)
	case u.IsState():
		return d.state(u, visit)
	case u.IsPageID():
		of := u.PageIDOf()
		x, _ := d.a.v.top.Get(of)
		if y, _ := d.b.v.top.Get(of); x == y {
			d.note(u, "the same entries are cut into other pages")
		}
	}
	return nil
}

// state compares the state of an operator.
func (d *differ) state(u Unit, visit func(key, a, b []byte) bool) error {
	var states [2]*pages.State
	var keepers [2]*stateKeeper
	for i, s := range []side{d.a, d.b} {
		r := s.states
		if r == nil || r.unit(u) == nil {
			d.note(u, "the states differ, and are not kept as of this height")
			return nil
		}
		keepers[i] = &stateKeeper{kv: s.l.kv}
		var err error
		if states[i], err = pages.OpenState(r.unit(u).state, keepers[i]); err != nil {
			return err
		}
	}
	before := len(d.found)
	err := pages.DiffStates(states[0], states[1], keepers[0], keepers[1], visit)
	if err == nil && len(d.found) == before {
		d.note(u, "the same entries are cut into other pages")
	}
	return err
}

// log finds the first leaf in which two logs differ.
func (d *differ) log(u Unit) error {
	x, y := d.a.v.Log(u), d.b.v.Log(u)
	lo, hi := uint64(0), min(x.Size(), y.Size())
	for lo < hi { // the first lo leaves are equal, the first hi+1 are not or are too many
		mid := lo + (hi-lo)/2
		same, err := samePrefix(x, y, mid+1)
		if errors.Is(err, eventlog.ErrForgotten) {
			d.note(u, "%d and %d leaves; where they part is forgotten", x.Size(), y.Size())
			return nil
		}
		if err != nil {
			return err
		}
		if same {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	out := Difference{Unit: u, Note: fmt.Sprintf("leaf %d", lo)}
	for _, e := range []struct {
		log *eventlog.Log
		to  *[]byte
	}{{x, &out.A}, {y, &out.B}} {
		leaf, err := e.log.Leaf(lo)
		if err != nil && !errors.Is(err, eventlog.ErrRange) {
			return err
		}
		*e.to = slices.Clone(leaf)
	}
	d.found = append(d.found, out)
	return nil
}

func samePrefix(x, y *eventlog.Log, size uint64) (bool, error) {
	a, err := x.MTH(size)
	if err != nil {
		return false, err
	}
	b, err := y.MTH(size)
	return err == nil && a == b, err
}
