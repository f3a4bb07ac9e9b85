package streamtest

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/catalog"
	"weir/stream/engine"
)

// shelf is what a caller stores that follows an engine by its changes alone.
type shelf map[engine.StreamID]map[string]string

// follow does what SaveChanges asks of its caller.
func (s shelf) follow(t *rapid.T, e *engine.Engine) {
	live := e.Streams()
	//weir:unordered each stream is forgotten on its own
	for id := range s {
		if !slices.Contains(live, id) {
			delete(s, id)
		}
	}
	var last engine.StreamID
	var lastKey []byte
	e.SaveChanges(func(rel uint32, stream int, key, value []byte) {
		id := engine.StreamID{Relation: rel, Stream: stream}
		if id == last && bytes.Compare(lastKey, key) >= 0 {
			t.Fatalf("%v: %x after %x", id, key, lastKey)
		}
		last, lastKey = id, append([]byte{}, key...)
		old, ok := s[id][string(key)]
		switch {
		case value == nil && !ok, value != nil && ok && old == string(value):
			t.Fatalf("%v: %x is reported and did not change", id, key)
		case value == nil:
			delete(s[id], string(key))
			return
		case s[id] == nil:
			s[id] = map[string]string{}
		}
		s[id][string(key)] = string(value)
	})
}

// same compares with what Save visits.
func (s shelf) same(t *rapid.T, e *engine.Engine) {
	full := shelf{}
	e.Save(func(rel uint32, stream int, key, value []byte) {
		id := engine.StreamID{Relation: rel, Stream: stream}
		if full[id] == nil {
			full[id] = map[string]string{}
		}
		full[id][string(key)] = string(value)
	})
	if !maps.EqualFunc(s, full, maps.Equal[map[string]string, map[string]string]) {
		t.Fatalf("stored by changes: %v\nsaved: %v", s, full)
	}
	if len(e.Streams()) != len(full) {
		t.Fatalf("streams %v, saved %d", e.Streams(), len(full))
	}
}

func (s shelf) clone() shelf {
	out := shelf{}
	for _, id := range slices.SortedFunc(maps.Keys(s), func(a, b engine.StreamID) int {
		return 2*int(int64(a.Relation)-int64(b.Relation)) + a.Stream - b.Stream
	}) {
		out[id] = maps.Clone(s[id])
	}
	return out
}

// TestSaveChanges drives engines through random histories with backfills, discarded steps,
// suspensions, views that are dropped and made again, restarts and saves: what is stored by
// changes alone is at every point what Save gives, and after a restart nothing differs.
func TestSaveChanges(t *testing.T) {
	check(t, 20, func(t *rapid.T) {
		h := histories().Draw(t, "history")
		w := newWorld(h.views)
		stored := shelf{}
		for _, s := range h.steps {
			s.reload = false // a node restarts from what is stored
			if _, err := w.step(s); err != nil {
				t.Fatal(err)
			}
			w.disturb(t)
			now := stored.clone()
			now.follow(t, w.eng)
			now.same(t, w.eng)
			if rapid.IntRange(0, 2).Draw(t, "save") == 0 {
				stored = now
				w.eng.Saved()
				if rapid.Bool().Draw(t, "restart") {
					w.restart(t)
				}
				w.eng.SaveChanges(func(rel uint32, stream int, key, _ []byte) {
					t.Fatalf("after a save, relation %d, stream %d, key %x changed", rel, stream, key)
				})
			}
		}
	})
}

// restart reloads, with what is suspended suspended before, as the application does.
func (w *world) restart(t *rapid.T) {
	old := w.eng
	var saved []engine.Entry
	old.Save(func(rel uint32, stream int, key, val []byte) {
		saved = append(saved, engine.Entry{
			Relation: rel, Stream: stream,
			Key: append([]byte{}, key...), Value: append([]byte{}, val...),
		})
	})
	w.eng = w.engine(engine.Limits{})
	for _, v := range w.views {
		if reason := old.Suspended(v.id); reason != "" && w.eng.Suspended(v.id) == "" {
			_, err := w.eng.Suspend(v.id, reason)
			must(err)
		}
	}
	i := -1
	must(w.eng.Load(func() (engine.Entry, bool) {
		if i++; i >= len(saved) {
			return engine.Entry{}, false
		}
		return saved[i], true
	}))
}

// disturb does to a view what DDL and governance can.
func (w *world) disturb(t *rapid.T) {
	v := rapid.SampledFrom(w.views).Draw(t, "view")
	switch rapid.IntRange(0, 7).Draw(t, "disturb") {
	case 0:
		_, err := w.eng.Suspend(v.id, engine.ReasonBudget)
		must(err)
	case 1:
		for _, v := range w.views { // inputs first
			if w.eng.Suspended(v.id) != "" {
				w.empty(v)
				must(w.eng.Resume(v.id))
			}
		}
	case 2:
		w.makeAgain(v)
	default:
		for range rapid.IntRange(0, 3).Draw(t, "pieces") {
			w.fill(t, rapid.IntRange(1, 9).Draw(t, "piece"))
		}
	}
}

func (w *world) empty(v view) {
	for _, id := range []uint32{v.id, v.errors()} {
		w.mem.Drop(id)
		w.delta[id] = nil
	}
	w.count[v.id] = 0
}

// makeAgain drops a view with all that stand above it and defines them anew under their ids.
func (w *world) makeAgain(v view) {
	from := slices.IndexFunc(w.views, func(x view) bool { return x.id == v.id })
	above := w.views[from:]
	for _, x := range slices.Backward(above) {
		must(w.eng.Drop(x.errors()))
		must(w.eng.Drop(x.id))
		w.empty(x)
	}
	for _, x := range above {
		must(w.eng.Define(x.define(), x.plan))
		must(w.eng.Define(&catalog.Relation{ID: x.errors(), Kind: catalog.Errors, Of: x.id}, nil))
		if w.eng.Suspended(x.id) == "" {
			must(w.eng.Refill(x.id))
		}
	}
}
