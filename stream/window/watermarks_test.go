package window

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/value"
)

// TestSeveralWatermarksJudgeAlone draws appends with two times a row. Each watermark stands where
// it would if the stream had no other, but for rejected rows, and a row is late if either alone
// says so and neither rejects it.
func TestSeveralWatermarksJudgeAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfgs := []Config{{DelayMicros: 5}, {DelayMicros: 50, Global: rapid.Bool().Draw(t, "global")}}
		both := NewWatermarks(cfgs...)
		alone := []*Producers{New(cfgs[0]), New(cfgs[1])}
		now := int64(1000)
		for range rapid.IntRange(1, 8).Draw(t, "appends") {
			now += rapid.Int64Range(0, 30).Draw(t, "later")
			both.Tick(now)
			name := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "producer")
			times := make([]*value.Vec, 2)
			n := rapid.IntRange(0, 4).Draw(t, "rows")
			var late, rejected []bool
			judged := make([]Judgement, 2)
			for k := range times {
				alone[k].Tick(now)
				times[k] = value.NewVec(value.Of(value.Timestamp), n)
				for range n {
					if rapid.IntRange(0, 9).Draw(t, "null?") == 0 {
						times[k].AppendNull()
						continue
					}
					times[k].AppendInt(now - 90 + rapid.Int64Range(0, 120).Draw(t, "time"))
				}
				judged[k] = alone[k].Judge(name, times[k].Ints, times[k].Nulls, now, 20)
			}
			for i := range n {
				out := judged[0].Rejected.Get(i) || judged[1].Rejected.Get(i)
				rejected = append(rejected, out)
				late = append(late, !out && (judged[0].Late.Get(i) || judged[1].Late.Get(i)))
			}
			v := both.Judge(name, times, now, 20)
			for i := range n {
				if v.Late.Get(i) != late[i] || v.Rejected.Get(i) != rejected[i] {
					t.Fatalf("row %d: late %t rejected %t, want %t %t", i, v.Late.Get(i),
						v.Rejected.Get(i), late[i], rejected[i])
				}
			}
			closes := rapid.IntRange(0, 5).Draw(t, "close") == 0
			both.Advance(name, times, v.Rejected, now, 40, closes)
			for k := range times {
				alone[k].Advance(name, times[k].Ints, v.Rejected, now, 40, closes)
			}
			want := []int64{alone[0].Uncapped(), alone[1].Uncapped()}
			if got := both.Uncapped(); !slices.Equal(got, want) {
				t.Fatalf("watermarks %d, want %d", got, want)
			}
		}
	})
}
