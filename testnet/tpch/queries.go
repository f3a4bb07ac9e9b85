package tpch

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed queries/*.sql
var files embed.FS

// NumQueries is how many queries there are: q1 to q22.
const NumQueries = 22

// Query is one query of the benchmark.
type Query struct{ Name, Title, SQL string }

// Schema is the DDL of the eight tables.
func Schema() string { return read("schema") }

// Queries returns q1 to q22, in order.
func Queries() []Query {
	out := make([]Query, NumQueries)
	for i := range out {
		name := fmt.Sprintf("q%d", i+1)
		title, text, _ := strings.Cut(read(name), "\n")
		out[i] = Query{Name: name, Title: strings.TrimPrefix(title, "-- "), SQL: text}
	}
	return out
}

func read(name string) string {
	b, err := files.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic("tpch: " + err.Error()) // the files are part of the binary
	}
	return string(b)
}
