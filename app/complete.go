package app

import (
	"fmt"
	"slices"

	"weir/app/leaf"
	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/value"
)

// Notices say of which streams that a query reads rows are missing, since they were forgotten or
// erased.
func (s *Snapshot) Notices(p plan.Node) (out []Notice, err error) {
	defer Recover(&err)
	var streams []uint32
	for _, id := range plan.Inputs(p) {
		if def := s.Catalog.ByID(id); def != nil && def.Log() {
			if def.Of != 0 {
				id = def.Of
			}
			streams = append(streams, id)
		}
	}
	slices.Sort(streams)
	for _, id := range slices.Compact(streams) {
		def := s.Catalog.ByID(id)
		if kept := s.KeptFrom(id); kept > 0 {
			from, err := s.from(def, kept)
			if err != nil {
				return nil, err
			}
			out = append(out, Notice{
				SQLState: "01000",
				Message: fmt.Sprintf("stream %q has forgotten its rows below offset %d", def.Name,
					kept),
				Hint: "The answer is that over the rows from " + from + " on.",
			})
		}
		if list := s.erased[id]; len(list) > 0 {
			rows := uint64(0)
			for _, e := range list {
				rows += e.last - e.offset
			}
			out = append(out, Notice{
				SQLState: "01000",
				Message:  fmt.Sprintf("%d rows of stream %q were erased", rows, def.Name),
				Hint:     "The answer is that over the others. SHOW ERASURES lists them.",
			})
		}
	}
	return out, nil
}

// from describes where the kept rows of a stream begin.
func (s *Snapshot) from(def *catalog.Relation, offset uint64) (string, error) {
	text := fmt.Sprintf("offset %d", offset)
	log := s.Version.Log(logUnit(def.ID))
	if log == nil || log.Kept().From == log.Size() {
		return text, nil
	}
	raw, err := log.Leaf(log.Kept().From)
	if err != nil {
		return "", fmt.Errorf("the first kept leaf of stream %d: %w", def.ID, err)
	}
	lf, err := leaf.Decode(raw)
	invariant.Check(err == nil, "leaf %d of stream %d has gone bad", log.Kept().From, def.ID)
	at := value.AppendText(nil, value.NewTimestampTZ(lf.TimeMicros))
	return fmt.Sprintf("%s, height %d, %s", text, lf.Height, at), nil
}

// Erasure is an erasure of rows of a stream, as of a snapshot.
type Erasure struct {
	Stream      uint32
	First, Last uint64 // offsets, both inclusive
	Batches     uint64
	Height      int64 // of the request
	// AtMicros and DeadlineMicros are block times of the request and of the deadline.
	AtMicros, DeadlineMicros int64
	// Done is the height of the checkpoint with which nodes erase the payloads; 0: not yet.
	Done int64
}

// Erasures lists the erasures of all streams that are still remembered.
func (s *Snapshot) Erasures() []Erasure {
	var out []Erasure
	for _, id := range sortedKeys(s.erased) {
		for _, e := range s.erased[id] {
			out = append(out, Erasure{
				Stream: id, First: e.offset, Last: e.last - 1, Batches: e.end - e.first,
				Height: e.height, AtMicros: e.at, DeadlineMicros: e.deadline, Done: e.done,
			})
		}
	}
	return out
}

// KeptFrom is the first offset that a stream keeps.
func (s *Snapshot) KeptFrom(stream uint32) uint64 {
	if log := s.Version.Log(logUnit(stream)); log != nil {
		return log.Kept().Offset
	}
	return 0
}

func (s *Snapshot) erasures(id uint32) []erasure { return s.erased[id] }
