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

// Notices say of which streams that a query reads rows are missing, since they were forgotten.
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
		if st := s.statuses[id]; len(st.CompleteFrom) > 0 {
			from, err := s.from(s.Catalog.ByID(id), st.CompleteFrom[0])
			if err != nil {
				return nil, err
			}
			out = append(out, Notice{
				SQLState: "01000",
				Message: fmt.Sprintf("stream %q has forgotten its rows below offset %d",
					s.Catalog.ByID(id).Name, st.CompleteFrom[0]),
				Hint: "The answer is that over the rows from " + from + " on.",
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
