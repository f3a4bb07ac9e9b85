package enginebench

import (
	"fmt"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/value"
)

// SegmentRows is the number of events in a segment.
const SegmentRows = 8192

// The relations.
const (
	flightsID = 1024
	viewID    = 1025
	errorsID  = 1026
)

// Shape of the generated flights.
const (
	airports      = 250
	routesFrom    = 16 // destinations of one airport
	flightsPerDay = 20_000
	dayMicros     = int64(86_400_000_000)
	delayMicros   = int64(3_600_000_000) // of the watermark
	disorder      = int64(1_800_000_000) // how far event times lie out of order
)

// Columns of the stream.
const (
	flightID = iota
	departedAt
	delayMin
	distanceMi
	origin
	destination
	numColumns
)

func flightsDef() *catalog.Relation {
	def := &catalog.Relation{
		ID: flightsID, Name: "flights", Kind: catalog.Stream,
		AppendOnly: true,
		Watermarks: []catalog.Watermark{{Column: departedAt, DelayMicros: delayMicros}},
	}
	for i, name := range []string{
		"flight_id", "departed_at", "delay_min", "distance_mi", "origin", "destination",
	} {
		def.Columns = append(def.Columns, catalog.Column{Name: name, Type: columnTypes()[i]})
	}
	return def
}

func columnTypes() []value.Type {
	return []value.Type{
		value.Of(value.Int8), value.Of(value.Timestamp), value.Of(value.Int4),
		value.Of(value.Int4), value.Of(value.Text), value.Of(value.Text),
	}
}

// scan reads columns of the stream.
func scan(cols ...int) *plan.Scan {
	s := &plan.Scan{
		Relation: flightsID, Name: "flights", Columns: cols, AppendOnly: true,
	}
	for i, c := range cols {
		def := flightsDef().Columns[c]
		s.Fields = append(s.Fields, plan.Field{Name: def.Name, Type: def.Type})
		if c == departedAt {
			s.Frozen = []int{i}
		}
	}
	return s
}

// segment is one generated segment and the watermark at its end.
type segment struct {
	rows *batch.Batch
	mark int64
}

// generate makes segments with events flights in all.
func generate(events int) (out []segment) {
	rng := uint64(0x9E3779B97F4A7C15)
	next := func(n uint64) int64 { // splitmix64
		rng += 0x9E3779B97F4A7C15
		z := (rng ^ rng>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		return int64((z ^ z>>31) % n)
	}
	types := append(columnTypes(), catalog.HiddenTypes[:]...)
	top := int64(0)
	for id := int64(0); id < int64(events); {
		b := batch.NewBuilder(types, SegmentRows)
		for ; b.Len() < SegmentRows && id < int64(events); id++ {
			ts := id*(dayMicros/flightsPerDay) + next(uint64(disorder))
			top = max(top, ts)
			from := next(airports)
			to := (from*7 + next(routesFrom)*13 + 1) % airports
			for c, x := range []int64{id, ts, next(90) - 20, 100 + (from*31+to*17)%2400} {
				b.Cols[c].AppendInt(x)
			}
			b.Cols[origin].AppendBytes(fmt.Appendf(nil, "A%02d", from))
			b.Cols[destination].AppendBytes(fmt.Appendf(nil, "A%02d", to))
			b.Cols[numColumns].AppendInt(id)
			b.Cols[numColumns+1].AppendInt(1)
			b.Cols[numColumns+2].AppendInt(0)
			b.Cols[numColumns+3].AppendBytes([]byte("airline/gate"))
			b.Close(1)
		}
		out = append(out, segment{b.Batch(), top - delayMicros})
	}
	return out
}
