package abcisim

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/app/tx"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
	"weir/testnet/flights"
)

const flightBatch = 100 // rows of a batch, as in the demo

var flightViews = []string{
	flights.CreateStream,
	`GRANT INSERT ON flights TO fleet WRITERS (w0, w1, w2, w3, w4)`,
	`CREATE MATERIALIZED VIEW daily_delays AS
	   SELECT window_start, window_end, origin, count(*) AS flights, avg(delay_min) AS avg_delay
	   FROM TUMBLE(flights, departed_at, INTERVAL '1 day')
	   GROUP BY window_start, window_end, origin EMIT ON WINDOW CLOSE`,
	`CREATE MATERIALIZED VIEW routes AS SELECT origin, destination, count(*) AS flights,
	   sum(distance_mi) AS miles FROM flights GROUP BY origin, destination`,
	`CREATE MATERIALIZED VIEW airports AS SELECT origin, count(*) AS flights,
	   avg(delay_min) AS avg_delay, max(delay_min) AS max_delay FROM flights GROUP BY origin`,
}

// TestFlightsDoNotDependOnInterleaving loads 20,000 real flights, out of order in event time,
// from five granted producers, in different interleavings of their batches. The rows of every
// view and the late rows are the same each time.
func TestFlightsDoNotDependOnInterleaving(t *testing.T) {
	var first map[string][]string
	for seed := uint64(1); seed <= 3; seed++ {
		got := loadFlights(t, seed)
		late := len(got["flights_late"])
		t.Logf("seed %d: %d late of %d (%.2f %%), %d closed windows", seed, late, flights.Rows,
			100*float64(late)/flights.Rows, len(got["daily_delays"]))
		if first == nil {
			first = got
			if late == 0 || late > flights.Rows/20 || len(got["daily_delays"]) < 1000 {
				t.Fatalf("%d late rows, %d windows", late, len(got["daily_delays"]))
			}
			continue
		}
		for name, rows := range got {
			if diff := difference(rows, first[name]); diff != "" {
				t.Errorf("seed %d: %s: %s", seed, name, diff)
			}
		}
	}
}

// loadFlights runs one interleaving and returns the visible rows of every view, and of the late
// rows without the columns that say when they came.
func loadFlights(t *testing.T, seed uint64) map[string][]string {
	rng := rand.New(rand.NewPCG(seed, 11))
	s := &sim{opts: Options{Nodes: 1, Seed: seed}, rng: rng, now: start}
	var err error
	if s.world, err = newWorldOf(rng, 5); err != nil {
		t.Fatal(err)
	}
	n := newNode()
	if err := s.open(n); err != nil {
		t.Fatal(err)
	}
	height := int64(0)
	run := func(txs ...[]byte) {
		height++
		s.now = s.now.Add(time.Second)
		_, codes, err := n.execute(height, decided{time: s.now, txs: txs})
		if err != nil || slices.Max(codes) != 0 {
			t.Fatalf("height %d: codes %v, %v (seed %d)", height, codes, err, seed)
		}
	}
	for _, ddl := range flightViews {
		run(s.world.statement(uint64(height+1), ddl))
	}
	queues := flightBatches(t, s.world, uint64(height+1))
	for len(queues) > 0 {
		var txs [][]byte
		for range 1 + rng.IntN(4) {
			if len(queues) == 0 {
				break
			}
			i := rng.IntN(len(queues))
			txs = append(txs, queues[i][0])
			if queues[i] = queues[i][1:]; len(queues[i]) == 0 {
				queues = slices.Delete(queues, i, i+1)
			}
		}
		run(txs...)
	}
	return visibleRelations(t, n)
}

// visibleRelations reads every view and the late rows.
func visibleRelations(t *testing.T, n *node) map[string][]string {
	snap, out := n.app.Snapshot(), map[string][]string{}
	for _, def := range snap.Catalog.All() {
		if def.Kind != catalog.View && def.Kind != catalog.Late {
			continue
		}
		rows, err := contents(snap, def)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			if def.Kind == catalog.Late {
				rows[i].Vals = rows[i].Vals[:6]
			}
		}
		out[def.Name] = visible(rows)
	}
	return out
}

// flightBatches deals the flights to the producers and signs each one's batches; the last closes.
func flightBatches(t *testing.T, w *world, height uint64) [][][]byte {
	files, _, err := flights.Deal(len(w.writers))
	if err != nil {
		t.Fatal(err)
	}
	var out [][][]byte
	for i, f := range files {
		lines, err := csv.NewReader(bytes.NewReader(f)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var queue [][]byte
		for rest := lines[1:]; len(rest) > 0; {
			part := rest[:min(flightBatch, len(rest))]
			rest = rest[len(part):]
			queue = append(queue, signFlights(t, w, w.writers[i], part, len(rest) == 0, height))
		}
		out = append(out, queue)
	}
	return out
}

func signFlights(t *testing.T, w *world, p *writer, lines [][]string, last bool, height uint64,
) []byte {
	kinds := []value.Kind{
		value.Int8, value.Timestamp, value.Int4, value.Int4, value.Text, value.Text,
	}
	cols := make([]*value.Vec, len(kinds))
	for c, k := range kinds {
		cols[c] = value.NewVec(value.Of(k), len(lines))
		for _, l := range lines {
			d, fault := value.Parse(l[c], value.Of(k))
			if fault != nil {
				t.Fatal(fault)
			}
			cols[c].AppendDatum(d)
		}
	}
	payload := row.EncodePayload(cols, len(lines))
	raw := w.sign(p.key, "fleet", height, tx.AppendOp(tx.Spec{
		Relation: streamID, SchemaVersion: 1, Writer: p.name, FirstSeq: p.next,
		Rows: uint32(len(lines)), Previous: p.last, Payload: payload, Close: last,
	}), payload)
	p.next += uint64(len(lines))
	p.last = sha256.Sum256(payload)
	return raw
}
