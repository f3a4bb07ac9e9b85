package machine

import (
	"bytes"

	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/plan"
)

// Restart replaces the engine by a new one, of default limits, that loads what the old one saves.
func (m *Machine) Restart() error {
	var saved []engine.Entry
	m.Eng.Save(func(rel uint32, stream int, key, val []byte) {
		saved = append(saved, engine.Entry{
			Relation: rel, Stream: stream, Key: bytes.Clone(key), Value: bytes.Clone(val),
		})
	})
	m.Eng = engine.New(engine.Config{})
	for _, r := range m.Cat.All() {
		var of plan.Node
		if r.Kind == catalog.View {
			of = m.plans[r.ID]
		}
		if err := m.Eng.Define(r, of); err != nil {
			return err
		}
	}
	return m.Eng.Load(func() (e engine.Entry, ok bool) {
		if len(saved) == 0 {
			return e, false
		}
		e, saved = saved[0], saved[1:]
		return e, true
	})
}
