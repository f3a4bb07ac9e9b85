package flights

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
)

//go:embed flights-2001q1.csv
var file []byte

// Rows is how many records there are.
const Rows = 20_000

// CreateStream declares the stream that the records fit.
const CreateStream = `CREATE STREAM flights (
  flight_id   bigint,
  departed_at timestamp,
  delay_min   int,
  distance_mi int,
  origin      text,
  destination text,
  WATERMARK FOR departed_at AS departed_at - INTERVAL '1 hour'
)`

// originField is the column of the airport where a flight begins.
const originField = 4

// CSV returns all records with their header line.
func CSV() []byte { return bytes.Clone(file) }

// Deal divides the records among n producers, each with the header line: an airport belongs to
// the producer with its index in the sorted list of origins, modulo n. It also returns how many
// records each got.
func Deal(n int) (files [][]byte, rows []int, err error) {
	lines := bytes.SplitAfter(file, []byte("\n"))
	header, lines := lines[0], lines[1:len(lines)-1]
	var origins []string
	for i, l := range lines {
		fields := bytes.Split(l, []byte(","))
		if len(fields) <= originField {
			return nil, nil, fmt.Errorf("line %d of the flight records is cut short", i+2)
		}
		origins = append(origins, string(fields[originField]))
	}
	airports := slices.Compact(slices.Sorted(slices.Values(origins)))
	files, rows = make([][]byte, n), make([]int, n)
	for p := range files {
		files[p] = bytes.Clone(header)
	}
	for i, l := range lines {
		at, _ := slices.BinarySearch(airports, origins[i])
		files[at%n] = append(files[at%n], l...)
		rows[at%n]++
	}
	return files, rows, nil
}
