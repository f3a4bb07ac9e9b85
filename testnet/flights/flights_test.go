package flights_test

import (
	"bytes"
	"testing"

	"weir/testnet/flights"
)

func TestDeal(t *testing.T) {
	files, rows, err := flights.Deal(5)
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := bytes.Cut(flights.CSV(), []byte("\n"))
	total := 0
	for p, f := range files {
		if !bytes.HasPrefix(f, append(bytes.Clone(header), '\n')) {
			t.Errorf("producer %d has no header", p)
		}
		if got := bytes.Count(f, []byte("\n")) - 1; got != rows[p] || got == 0 {
			t.Errorf("producer %d: %d lines, told %d", p, got, rows[p])
		}
		total += rows[p]
	}
	if total != flights.Rows {
		t.Errorf("%d rows dealt, want %d", total, flights.Rows)
	}
	one, _, err := flights.Deal(1)
	if err != nil || !bytes.Equal(one[0], flights.CSV()) {
		t.Errorf("one producer does not get the whole file in order: %v", err)
	}
}
