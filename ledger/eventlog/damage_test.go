package eventlog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"weir/ledger/proof"
)

// savedLog returns a log of n leaves that is all on its disk.
func savedLog(tb testing.TB, n int) (*disk, *Log, []proof.LogState) {
	d := newDisk()
	l := New(d)
	states := []proof.LogState{l.State()}
	for i := range n {
		next, err := l.Append(leafBytes(i), uint32(i%3), fmt.Appendf(nil, "rows %d", i))
		if err != nil {
			tb.Fatal(err)
		}
		l = next
		states = append(states, l.State())
	}
	if err := l.Save(d); err != nil {
		tb.Fatal(err)
	}
	return d, l.Trim(), states
}

// answers asks a log everything; an answer that is not the whole log's is an error.
func answers(l *Log, whole *Log, states []proof.LogState) (refused int, err error) {
	note := func(what string, i int, e error, ok bool) {
		switch {
		case errors.Is(e, ErrRecord):
			refused++
		case e != nil || !ok:
			err = errors.Join(err, fmt.Errorf("%s %d: %v, right: %v", what, i, e, ok))
		}
	}
	root := whole.Root()
	for i := range int(l.Size()) {
		leaf, e := l.Leaf(uint64(i))
		note("leaf", i, e, bytes.Equal(leaf, leafBytes(i)))
		first, end, e := l.Offsets(uint64(i))
		wantFirst, wantEnd, _ := whole.Offsets(uint64(i))
		note("offsets", i, e, first == wantFirst && end == wantEnd)
		p, e := l.ProveInclusion(uint64(i))
		note("inclusion", i, e, e != nil || p.Verify(root, leafBytes(i)) == nil)
		run, e := l.ProveLeaves(uint64(i), 1)
		note("leaves", i, e, e != nil || run.Verify(root, [][]byte{leafBytes(i)}) == nil)
		c, e := l.ProveConsistency(states[i])
		note("consistency", i, e, e != nil || c.Verify(states[i].Root(), root) == nil)
	}
	for offset := range l.Next() {
		at, ok, e := l.Find(offset)
		want, _, _ := whole.Find(offset)
		note("find", int(offset), e, ok && at == want)
	}
	return refused, err
}

// TestFlippedBits flips bits of everything that is stored, cuts it, and replaces it by its
// neighbour: every answer is right or an ErrRecord, and an append continues the right log or
// is refused at open.
func TestFlippedBits(t *testing.T) {
	const n = 150
	d, whole, states := savedLog(t, n)
	refused := map[string]int{}
	_, clean, _ := savedLog(t, n)
	for part, m := range d.parts() {
		if part == "payloads" {
			continue // bound by the leaf, which the application checks
		}
		for id, good := range m {
			if part == "leaves" && id%10 != 0 {
				continue
			}
			for _, bad := range damages(good, m[id+1]) {
				m[id] = bad
				n, err := answers(whole, clean, states)
				refused[part] += n
				if err != nil {
					t.Fatalf("%s %d: %v", part, id, err)
				}
				l, err := Open(d, State{whole.Size(), whole.Next(), whole.Kept()}, whole.Root())
				if err == nil {
					checkContinues(t, l, clean)
				} else if !errors.Is(err, ErrRecord) {
					t.Fatalf("%s %d: open: %v", part, id, err)
				}
			}
			m[id] = good
		}
	}
	if refused["hashes"] == 0 || refused["leaves"] == 0 {
		t.Fatalf("refused: %v", refused)
	}
}

// checkContinues appends to a log that was opened on damaged records.
func checkContinues(t *testing.T, l, whole *Log) {
	for i := range 40 {
		a, err1 := l.Append(leafBytes(i), 1, nil)
		b, err2 := whole.Append(leafBytes(i), 1, nil)
		if err := errors.Join(err1, err2); err != nil || a.Root() != b.Root() {
			t.Fatalf("append %d: %v", i, err)
		}
		l, whole = a, b
	}
}

// damages returns what may have become of a record.
func damages(good, neighbour []byte) (out [][]byte) {
	for i := 0; i < len(good); i += 1 + len(good)/9 {
		b := slices.Clone(good)
		b[i] ^= 1 << (i % 8)
		out = append(out, b, good[:i])
	}
	if neighbour != nil {
		out = append(out, neighbour)
	}
	return append(out, append(slices.Clone(good), 0))
}

// TestErrorsOfTheSource passes an operating error on as it is, from every read of every
// question.
func TestErrorsOfTheSource(t *testing.T) {
	d, l, states := savedLog(t, 150)
	broken := errors.New("disk on fire")
	for name, ask := range map[string]func(l *Log) error{
		"leaf":    func(l *Log) error { _, err := l.Leaf(77); return err },
		"payload": func(l *Log) error { _, err := l.Payload(77); return err },
		"offsets": func(l *Log) error { _, _, err := l.Offsets(77); return err },
		"find":    func(l *Log) error { _, _, err := l.Find(77); return err },
		"forget":  func(l *Log) error { _, err := l.Forget(77); return err },
		"inclusion": func(l *Log) error {
			_, err := l.ProveInclusion(77)
			return err
		},
		"leaves": func(l *Log) error { _, err := l.ProveLeaves(77, 5); return err },
		"consistency": func(l *Log) error {
			_, err := l.ProveConsistency(states[77])
			return err
		},
		"open": func(l *Log) error {
			_, err := Open(l.src, State{l.size, l.next, l.kept}, l.Root())
			return err
		},
	} {
		failed := 0
		for n := 0; ; n++ {
			f := &failing{disk: d, left: n, err: broken}
			l := *l
			l.src = f
			err := ask(&l)
			if f.left >= 0 {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				break
			}
			if failed++; !errors.Is(err, broken) || errors.Is(err, ErrRecord) {
				t.Errorf("%s, read %d: %v", name, n, err)
			}
		}
		if failed == 0 {
			t.Errorf("%s reads nothing", name)
		}
	}
}

// failing is a Source that fails after some reads.
type failing struct {
	*disk
	left int
	err  error
}

func (f *failing) fail() error {
	if f.left--; f.left < 0 {
		return f.err
	}
	return nil
}

func (f *failing) Hashes(block uint64, n int) ([]byte, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.disk.Hashes(block, n)
}

func (f *failing) Leaf(i uint64) ([]byte, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.disk.Leaf(i)
}

func (f *failing) Payload(i uint64) ([]byte, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.disk.Payload(i)
}

func (f *failing) Head(i uint64) (Head, error) {
	if err := f.fail(); err != nil {
		return Head{}, err
	}
	return f.disk.Head(i)
}

// TestStates opens with states that no log can have had.
func TestStates(t *testing.T) {
	d, l, _ := savedLog(t, 10)
	good := State{l.Size(), l.Next(), Kept{4, 3}}
	for name, change := range map[string]func(s *State){
		"the size":               func(s *State) { s.Size-- },
		"the next offset":        func(s *State) { s.Next++ },
		"kept behind the end":    func(s *State) { s.Kept.From = 11 },
		"an offset behind it":    func(s *State) { s.Kept.Offset = s.Next + 1 },
		"nothing kept, not next": func(s *State) { s.Kept = Kept{10, 3} },
		"all kept, not from 0":   func(s *State) { s.Kept = Kept{0, 3} },
		"too large":              func(s *State) { s.Size = proof.MaxLogSize + 1 },
	} {
		s := good
		change(&s)
		if _, err := Open(d, s, l.Root()); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if _, err := Open(d, good, l.Root()); err != nil {
		t.Fatal(err)
	}
}
