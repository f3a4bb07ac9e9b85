package streamtest

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/value"
	"weir/stream/window"
)

// upload is one transaction of one producer, or one of the table.
type upload struct {
	producer string
	rows     []oracle.Row // visible columns only
	closes   bool
	table    []oracle.Row
}

const farFuture = int64(1) << 50

// TestCutsChangeNothing runs the same transactions of several producers, cut into segments in two
// ways, through random views and two that emit on close: the stored relations are byte-equal, and
// as the oracle has them.
func TestCutsChangeNothing(t *testing.T) {
	check(t, 10, func(t *rapid.T) {
		p := planner{t: t}
		views := []view{
			newView(0, &plan.EmitOnClose{
				WindowEnd: 1,
				Input:     agg(tumble(scan(events)), 4, 5, 1),
			}),
			newView(1, &plan.EmitOnClose{Input: scan(events), WindowEnd: 0}),
			newView(2, p.node(rapid.IntRange(1, 4).Draw(t, "depth"))),
		}
		ups := drawUploads(t)
		worlds := []*world{newWorld(views), newWorld(views)}
		for i, w := range worlds {
			for _, s := range cutInto(t, fmt.Sprint("cut", i), ups) {
				_, err := w.step(s)
				must(err)
			}
			if err := w.compare(); err != nil {
				t.Fatalf("cut %d: %v", i, err)
			}
		}
		for _, v := range views {
			for _, id := range []uint32{v.id, v.errors()} {
				if a, b := worlds[0].bytes(id), worlds[1].bytes(id); a != b {
					t.Fatalf("relation %d differs between cuts:\n%s\n%s", id, a, b)
				}
			}
		}
	})
}

func (w *world) bytes(id uint32) string {
	var b strings.Builder
	w.mem.Relation(id).Scan(nil, nil, func(k, v []byte) bool {
		fmt.Fprintf(&b, "%x = %x\n", k, v)
		return true
	})
	return b.String()
}

// drawUploads draws transactions; each producer's clock runs at its own pace.
func drawUploads(t *rapid.T) (out []upload) {
	clock := map[string]int64{}
	d := drawing{t: t, table: map[string]oracle.Row{}}
	for range rapid.IntRange(1, 14).Draw(t, "uploads") {
		if rapid.IntRange(0, 4).Draw(t, "table?") == 4 {
			out = append(out, upload{table: d.changes()})
			continue
		}
		name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "producer")
		clock[name] += rapid.Int64Range(-40, 120).Draw(t, "pace") * second
		d.mark = clock[name]
		u := upload{producer: name, closes: rapid.IntRange(0, 6).Draw(t, "close") == 6}
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			u.rows = append(u.rows, oracle.Row{Vals: d.event(0), Weight: 1})
		}
		out = append(out, u)
	}
	return out
}

// cutInto judges the uploads as the application does and cuts them into segments at random; the
// watermark of a segment is the stream's at its end.
func cutInto(t *rapid.T, label string, ups []upload) (steps []step) {
	p := window.New(window.Config{DelayMicros: 30 * second})
	p.Grant("a", 0, farFuture)
	d := drawing{t: t}
	var s step
	for i, u := range ups {
		if u.producer == "" {
			s.txs = append(s.txs, transaction{names, u.table})
		} else {
			s.txs = append(s.txs, d.judge(p, u)...)
		}
		if i == len(ups)-1 || rapid.IntRange(0, 2).Draw(t, label) == 0 {
			s.mark, s.now = p.Used(farFuture), int64(i)*20*second
			steps, s = append(steps, s), step{}
		}
	}
	return steps
}

// judge splits an upload into on-time and late rows and moves the producer's watermark.
func (d *drawing) judge(p *window.Producers, u upload) []transaction {
	ts := make([]int64, len(u.rows))
	for i, r := range u.rows {
		ts[i] = r.Vals[0].I
	}
	j := p.Judge(u.producer, ts, nil, farFuture, window.DefaultMaxAheadMicros)
	onTime, tooLate := transaction{relation: events}, transaction{relation: late}
	for i, r := range u.rows {
		vals := d.place(append([]value.Datum{}, r.Vals...))
		if j.Late.Get(i) {
			vals = append(vals, value.NewTimestamp(j.ProducerBefore))
			tooLate.rows = append(tooLate.rows, oracle.Row{Vals: vals, Weight: 1})
			continue
		}
		onTime.rows = append(onTime.rows, oracle.Row{Vals: vals, Weight: 1})
	}
	p.Advance(u.producer, ts, j.Rejected, farFuture, farFuture, u.closes)
	return []transaction{onTime, tooLate}
}
