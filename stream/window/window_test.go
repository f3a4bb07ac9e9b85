package window

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestInterleavingChangesNothing lets granted producers send the same transactions in two random
// orders: which rows are late, and the final watermark, must be equal.
func TestInterleavingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := make([][][]int64, rapid.IntRange(1, 4).Draw(t, "producers"))
		var order []int
		for p := range files {
			for range rapid.IntRange(0, 5).Draw(t, "txs") {
				files[p] = append(files[p],
					rapid.SliceOfN(rapid.Int64Range(0, 100), 0, 5).Draw(t, "ts"))
				order = append(order, p)
			}
		}
		a, wa := send(t, files, order)
		b, wb := send(t, files, rapid.Permutation(order).Draw(t, "order"))
		if fmt.Sprint(a) != fmt.Sprint(b) || wa != wb {
			t.Fatalf("late rows %v and %v, watermarks %d and %d", a, b, wa, wb)
		}
	})
}

func send(t *rapid.T, files [][][]int64, order []int) (late [][]int, watermark int64) {
	p := New(Config{DelayMicros: 10})
	next := make([]int, len(files))
	late = make([][]int, len(files))
	for i := range files {
		p.Grant(fmt.Sprint(i), 1000, DefaultIdleMicros)
	}
	for _, i := range order {
		ts := files[i][next[i]]
		next[i]++
		before := p.Uncapped()
		j := p.Judge(fmt.Sprint(i), ts, nil, 1000, 100)
		for k, x := range ts {
			if !bit(j.Late, k) && x < before {
				t.Fatalf("an on-time row at %d lies below the stream's watermark %d", x, before)
			}
		}
		p.Advance(fmt.Sprint(i), ts, j.Rejected, 1000, DefaultIdleMicros, false)
		late[i] = append(late[i], j.NumLate)
		if p.Uncapped() < before {
			t.Fatal("the stream's watermark moved back")
		}
	}
	return late, p.Uncapped()
}

// TestIdleAndMaxAhead checks both limits at n and n+1.
func TestIdleAndMaxAhead(t *testing.T) {
	p := New(Config{})
	p.Grant("a", 0, 100)
	p.Grant("b", 0, 100)
	p.Advance("a", []int64{50}, nil, 60, 100, false)
	if p.Tick(99) || p.Uncapped() != None {
		t.Error("a timer fired one microsecond early")
	}
	if !p.Tick(100) || p.Uncapped() != 50 {
		t.Errorf("idle producer still holds the stream at %d", p.Uncapped())
	}
	j := p.Judge("b", []int64{49, 50, 200, 201}, nil, 100, 100)
	if j.NumLate != 1 || !bit(j.Late, 0) || j.NumRejected != 1 || !bit(j.Rejected, 3) {
		t.Errorf("judgement %+v", j)
	}
}

// TestCodec checks that entries restore the state, and that others are refused.
func TestCodec(t *testing.T) {
	p := New(Config{})
	p.Advance("a", []int64{50}, nil, 60, 100, false)
	p.Advance("b", []int64{70}, nil, 60, 100, true)
	q := New(Config{})
	if err := q.LoadStream(p.StreamEntry()); err != nil {
		t.Fatal(err)
	}
	for _, n := range p.Names() {
		if err := q.LoadProducer(n, p.ProducerEntry(n)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.ProducerEntry(n), q.ProducerEntry(n)) {
			t.Errorf("entry of %s changed", n)
		}
	}
	if q.LoadProducer("x", make([]byte, producerSize-1)) == nil || q.LoadStream(nil) == nil {
		t.Error("short entries were taken")
	}
}

// TestAssignByDefinition compares the assignments with a search over all windows.
func TestAssignByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ts := rapid.Int64Range(-500, 500).Draw(t, "ts")
		size := rapid.Int64Range(1, 50).Draw(t, "size")
		slide := rapid.Int64Range(1, 50).Draw(t, "slide")
		offset := rapid.Int64Range(-60, 60).Draw(t, "offset")
		var want []int64
		for k := int64(-2000); k <= 2000; k++ {
			if s := offset + k*slide; s <= ts && ts < s+size {
				want = append(want, s)
			}
		}
		if got := HopStarts(nil, ts, size, slide, offset); !slices.Equal(got, want) {
			t.Fatalf("HopStarts gives %v, want %v", got, want)
		}
	})
}

// FuzzLoadProducer checks that loading never panics and that what loads encodes to itself.
func FuzzLoadProducer(f *testing.F) {
	f.Add(make([]byte, producerSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := New(Config{})
		if p.LoadProducer("a", b) == nil && !bytes.Equal(p.ProducerEntry("a"), b) {
			t.Errorf("%x encodes to %x", b, p.ProducerEntry("a"))
		}
	})
}
