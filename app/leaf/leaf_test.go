package leaf

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func draw(t *rapid.T) *Leaf {
	rows := rapid.IntRange(0, 40).Draw(t, "rows")
	l := &Leaf{
		Relation: rapid.Uint32().Draw(t, "relation"), Schema: rapid.Uint32().Draw(t, "schema"),
		Role:   rapid.StringN(0, 8, MaxNameBytes).Draw(t, "role"),
		Writer: rapid.StringN(0, 8, MaxNameBytes).Draw(t, "writer"),
		Height: rapid.Int64().Draw(t, "height"), Tx: rapid.Uint32().Draw(t, "tx"),
		Op: rapid.Byte().Draw(t, "op"), TimeMicros: rapid.Int64().Draw(t, "time"),
		FirstOffset: rapid.Uint64().Draw(t, "offset"), Rows: uint32(rows),
		StreamMark: rapid.Int64().Draw(t, "mark"), ProducerMark: NoWatermark,
	}
	late := rapid.SliceOfN(rapid.Bool(), rows, rows).Draw(t, "late")
	l.Late = NewBitmap(rows, func(i int) bool { return late[i] })
	l.Rejected = NewBitmap(rows, func(i int) bool { return !late[i] && i%3 == 0 })
	for range rapid.IntRange(0, MaxMarks-1).Draw(t, "more") {
		l.More = append(l.More, Marks{rapid.Int64().Draw(t, "stream"), NoWatermark})
	}
	copy(l.Signature[:], rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "sig"))
	return l
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := draw(t).Append(nil)
		l, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if again := l.Append(nil); !bytes.Equal(again, b) {
			t.Fatalf("decoded and encoded again: %x, want %x", again, b)
		}
		for n := range b {
			if _, err := Decode(b[:n]); err == nil {
				t.Fatalf("accepted the first %d of %d bytes", n, len(b))
			}
		}
		if _, err := Decode(append(b, 0)); err == nil {
			t.Fatal("accepted a trailing byte")
		}
	})
}

func TestBitmapIsCanonical(t *testing.T) {
	l := Leaf{Rows: 3, Late: Bitmap{0b101}}
	good := l.Append(nil)
	for _, c := range []struct {
		name string
		late Bitmap
	}{{"no bit set", Bitmap{0}}, {"bit beyond the rows", Bitmap{0b1000}}} {
		l.Late = c.late
		if _, err := Decode(l.Append(nil)); err == nil {
			t.Errorf("accepted a bitmap with %s", c.name)
		}
	}
	if _, err := Decode(good); err != nil {
		t.Error(err)
	}
}

func TestLimits(t *testing.T) {
	at := func(rows uint32, name int) error {
		l := Leaf{Rows: rows, Role: strings.Repeat("r", name)}
		_, err := Decode(l.Append(nil))
		return err
	}
	if err := at(MaxRows, MaxNameBytes); err != nil {
		t.Error("at the limits:", err)
	}
	if at(MaxRows+1, 1) == nil || at(1, MaxNameBytes+1) == nil {
		t.Error("accepted one more than a limit")
	}
}

// TestGolden freezes the bytes of docs/spec/log-leaf.md.
func TestGolden(t *testing.T) {
	l := Leaf{
		Relation: 1024, Schema: 1, Role: "airline", Writer: "w1", Height: 7, Tx: 2, Op: 0,
		TimeMicros: 1_700_000_000_000_000, FirstOffset: 300, Rows: 10,
		StreamMark: NoWatermark, ProducerMark: 978_307_200_000_000, Late: Bitmap{0x81, 0x02},
	}
	l.HeaderHash[0], l.Signature[63], l.PayloadHash[31] = 0xaa, 0xbb, 0xcc
	const want = "01" + "00000400" + "00000001" + "07" + "6169726c696e65" + "02" + "7731" +
		"0000000000000007" + "00000002" + "00" + "00060a24181e4000" + "000000000000012c" +
		"0000000a" + "8000000000000000" + "000379c3e5232000"
	got := hex.EncodeToString(l.Append(nil))
	if !strings.HasPrefix(got, want) {
		t.Errorf("leaf begins\n%s, want\n%s", got[:len(want)], want)
	}
	tail := "018102" + "00" + "aa" + strings.Repeat("00", 31) + strings.Repeat("00", 63) + "bb" +
		strings.Repeat("00", 31) + "cc"
	if !strings.HasSuffix(got, tail) || len(got) != len(want)+len(tail) {
		t.Errorf("leaf ends\n%s, want\n%s", got[len(want):], tail)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add((&Leaf{Rows: 3, Late: Bitmap{5}}).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Decode(b)
		if err == nil && !bytes.Equal(l.Append(nil), b) {
			t.Fatalf("not canonical: %x", b)
		}
	})
}
