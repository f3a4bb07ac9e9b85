package store

import (
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"testing"
)

// trial is a run of the script: a fixed list of batches, every third synced, and some of those
// behind a synced one written as a bulk.
type trial struct {
	batches []Batch
	states  []map[string]string // after each number of batches
	acked   int                 // batches up to the last one whose sync was acknowledged
	tried   int                 // batches that were handed to the store
}

const scriptKeys = 60

// newTrial makes a script of sets, deletes and range deletes, with values that fill tables.
func newTrial(n, valueSize int) *trial {
	r := rand.New(rand.NewSource(11))
	s := &trial{batches: make([]Batch, n)}
	state := map[string]string{}
	s.states = append(s.states, maps.Clone(state))
	for i := range s.batches {
		b := &s.batches[i]
		if isBulk(i) {
			for k := r.Intn(9); k < scriptKeys; k += 1 + r.Intn(30) {
				v := make([]byte, r.Intn(valueSize))
				r.Read(v)
				b.Set(scriptKey(k), v)
				state[string(scriptKey(k))] = string(v)
			}
			s.states = append(s.states, maps.Clone(state))
			continue
		}
		for range 1 + r.Intn(6) {
			k := r.Intn(scriptKeys)
			switch r.Intn(8) {
			case 0:
				b.Delete(scriptKey(k))
				delete(state, string(scriptKey(k)))
			case 1:
				lo, hi := scriptKey(k), scriptKey(k+r.Intn(9))
				b.DeleteRange(lo, hi)
				maps.DeleteFunc(state, func(k, _ string) bool {
					return k >= string(lo) && k < string(hi)
				})
			default:
				v := make([]byte, r.Intn(valueSize))
				r.Read(v)
				b.Set(scriptKey(k), v)
				state[string(scriptKey(k))] = string(v)
			}
		}
		s.states = append(s.states, maps.Clone(state))
	}
	return s
}

func isBulk(i int) bool { return i%6 == 3 }

// write hands batch i to a store, and tells whether it is durable.
func (s *trial) write(kv KV, i int) (durable bool, err error) {
	if !isBulk(i) {
		durable = i%3 == 2
		return durable, kv.Write(&s.batches[i], durable)
	}
	bulk := kv.Bulk()
	for _, o := range s.batches[i].ops {
		if err := bulk.Set(o.key, o.value); err != nil {
			return false, errors.Join(err, bulk.Abort())
		}
	}
	return true, bulk.Commit()
}

func scriptKey(i int) []byte { return fmt.Appendf(nil, "k%02d", i) }

// play hands the batches from s.tried on to a store, until one fails or the machine is off. Only
// what was acknowledged while it was on counts.
func (s *trial) play(kv KV, on func() bool) error {
	for s.tried < len(s.batches) {
		durable, err := s.write(kv, s.tried)
		s.tried++
		if !on() {
			return nil
		}
		if err != nil {
			return err
		}
		if durable {
			s.acked = s.tried
		}
	}
	return nil
}

// read returns all that a store holds, by key and by scan, which must agree.
func read(kv KV) (map[string]string, error) {
	got := map[string]string{}
	for i := range scriptKeys + 10 {
		v, ok, err := kv.Get(scriptKey(i))
		if err != nil {
			return nil, err
		}
		if ok {
			got[string(scriptKey(i))] = string(v)
		}
	}
	scanned := map[string]string{}
	err := kv.Scan([]byte("k"), nil, func(k, v []byte) error {
		scanned[string(k)] = string(v)
		return nil
	})
	if err == nil && !maps.Equal(got, scanned) {
		err = fmt.Errorf("%d keys by scan, %d by key, or other values", len(scanned), len(got))
	}
	return got, err
}

// prefix returns the number of batches that give what a store holds, from least up.
func (s *trial) prefix(got map[string]string, least int) (int, bool) {
	for k := len(s.states) - 1; k >= least; k-- {
		if maps.Equal(s.states[k], got) {
			return k, true
		}
	}
	return 0, false
}

// check wants a prefix of the batches tried that has all that were acknowledged, and a store
// that goes on from there.
func (s *trial) check(t *testing.T, what string, kv KV) {
	t.Helper()
	got, err := read(kv)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	k, ok := s.prefix(got, s.acked)
	if !ok || k > s.tried {
		t.Fatalf("%s: holds %d keys, not those of a prefix of at least %d and at most %d batches",
			what, len(got), s.acked, s.tried)
	}
	rest := &trial{batches: s.batches, states: s.states, tried: k}
	if err := rest.play(kv, func() bool { return true }); err != nil {
		t.Fatalf("%s: go on: %v", what, err)
	}
	if got, err = read(kv); err != nil || !maps.Equal(got, s.states[len(s.batches)]) {
		t.Fatalf("%s: going on from batch %d gives something else (%v)", what, k, err)
	}
}

// TestMemoryCrash stops a Memory at every write, with every number of unsynced batches spared.
func TestMemoryCrash(t *testing.T) {
	for n := 1; n <= 41; n++ {
		m, s := NewMemory(), newTrial(40, 300)
		m.StopAt(n)
		on := true
		err := s.play(m, func() bool { on = m.Writes() < n; return on })
		if err != nil || on != (n == 41) {
			t.Fatal(err, n)
		}
		for keep := range m.Unsynced() + 1 {
			s.check(t, fmt.Sprintf("write %d, %d spared", n, keep), m.Crash(keep))
		}
	}
}
