package streamtest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	functions "weir/stream/agg"
	"weir/stream/compile"
	"weir/stream/plan"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

var (
	aggSeed  = flag.Uint64("agg.seed", 1, "seed of the aggregates asked of PostgreSQL")
	aggCount = flag.Int("agg.n", 4000, "how many aggregates to ask PostgreSQL")
)

// aggPools are texts of values; floats have exact sums, so that PostgreSQL's order does not show.
var aggPools = map[value.Kind][]string{
	value.Bool: {"t", "f"},
	value.Int2: {"0", "1", "-1", "7", "32767", "-32768"},
	value.Int4: {"0", "1", "-3", "2147483647", "-2147483648", "12"},
	value.Int8: {"0", "5", "-7", "9223372036854775807", "-9223372036854775808", "123456"},
	value.Numeric: {
		"0", "1.50", "-2.5", "3.14159", "12345.678", "-0.005", "1000", "99999999999.99", "0.1", "7",
		"-3", "123456789012.000001", "0.00000001",
	},
	value.Float4: {"0", "1.5", "-2.25", "1024", "3", "0.125", "nan", "inf", "-inf"},
	value.Float8: {
		"0", "1.5", "-2.5", "0.25", "12345.125", "1048576", "-7", "NaN", "Infinity", "-Infinity", "3",
	},
	value.Text:        {"", "a", "b", "abc", "Äé", "x\"y", "a\\b", "line\nbreak"},
	value.Bytea:       {"", `\x00ff`, `\x616263`},
	value.Date:        {"2024-02-29", "1970-01-01", "0044-03-15 BC", "1999-12-31"},
	value.Time:        {"00:00:00", "04:05:06.789", "23:59:59"},
	value.Timestamp:   {"2024-01-31 10:20:30.123456", "1970-01-01 00:00:00", "0044-03-15 12:00:00 BC"},
	value.TimestampTZ: {"2024-01-31 10:20:30.5+00", "1970-01-01 00:00:00+00"},
	value.Interval: {
		"1 day", "1 mon", "-1 mon", "00:00:01", "1 year 2 mons 3 days 04:05:06.789", "-3 days",
		"2147483647 mons", "100 days", "10:00:00",
	},
	value.UUID:  {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"},
	value.JSONB: {`{"a": 1}`, `[]`, `"x"`, "null", "12"},
}

// asked is one call over constant rows.
type asked struct {
	name   string
	within bool
	table  *plan.Values
	call   plan.AggCall
	order  []plan.SortKey
}

// drawAsked draws a call that Weir has; not ok if its columns do not suit the function.
func drawAsked(r *rand.Rand) (q asked, ok bool) {
	i := r.IntN(len(aggregateNames))
	q = asked{name: aggregateNames[i], within: i >= len(aggregateNames)-3, table: &plan.Values{}}
	types := []value.Type{value.Of(value.Bool)}
	for range 2 {
		types = append(types, value.Of(valuetest.Kinds()[r.IntN(16)]))
	}
	if q.within || q.name == "corr" || strings.HasPrefix(q.name, "covar") {
		types[2] = value.Of(value.Float8)
	}
	args := []value.Type{types[1], types[2]}
	q.call = plan.AggCall{Arg: 1, Extra: 2, Filter: -1}
	if q.within {
		slices.Reverse(args)
	}
	res, err := functions.Resolve(q.name, args, q.within)
	if err != nil {
		args, q.call.Extra = []value.Type{types[1]}, -1
		res, err = functions.Resolve(q.name, args, q.within)
	}
	if err != nil || !slices.Equal(res.Args, args) || !res.Type.Kind.Valid() ||
		strings.Contains("first_value last_value single_value", q.name) {
		return q, false
	}
	if res.Func != functions.Count && (types[1].Kind == value.JSONB ||
		q.call.Extra >= 0 && types[2].Kind == value.JSONB) {
		return q, false // jsonb has another order
	}
	q.call.Func, q.call.Type = plan.AggFunc(res.Func), res.Type
	q.fill(r, types)
	if r.IntN(3) == 0 {
		q.call.Filter = 0
	}
	q.modify(r)
	return q, true
}

func (q *asked) fill(r *rand.Rand, types []value.Type) {
	for i, t := range types {
		q.table.Fields = append(q.table.Fields, plan.Field{Name: string(rune('a' + i)), Type: t})
	}
	fraction := []string{"0", "1", "0.5", "0.3", "0.75", "2"}[r.IntN(6)]
	for range r.IntN(7) {
		var row []value.Datum
		for i, t := range types {
			pool := aggPools[t.Kind]
			text := pool[r.IntN(len(pool))]
			if q.within && i == 2 {
				text = fraction
			}
			d, err := value.Parse(text, t)
			if err != nil {
				panic(text + err.Error())
			}
			if r.IntN(8) == 0 && !(q.within && i == 2) {
				d = value.NullDatum
			}
			row = append(row, d)
		}
		q.table.Rows = append(q.table.Rows, row)
	}
}

// modify draws DISTINCT and an order, by all arguments where the order shows.
func (q *asked) modify(r *rand.Rand) {
	k := plan.SortKey{Col: 1, Desc: r.IntN(2) == 0, NullsFirst: r.IntN(2) == 0}
	if q.within {
		q.call.OrderBy = []plan.SortKey{k}
		return
	}
	q.call.Distinct = r.IntN(3) == 0
	q.call.OrderBy = append(q.call.OrderBy, k)
	if q.call.Extra >= 0 {
		k.Col = 2
		q.call.OrderBy = append(q.call.OrderBy, k)
	}
}

// sql writes the query for PostgreSQL.
func (q *asked) sql() string {
	args := "b"
	if q.call.Extra >= 0 {
		args = "b, c"
	}
	if q.call.Distinct {
		args = "DISTINCT " + args
	}
	var keys []string
	for _, k := range q.call.OrderBy {
		text := string(rune('a' + k.Col))
		if k.Desc {
			text += " DESC"
		}
		text += map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[k.NullsFirst]
		keys = append(keys, text)
	}
	order := "ORDER BY " + strings.Join(keys, ", ")
	call := q.name + "(" + args + " " + order + ")"
	if q.within {
		direct := ""
		if q.call.Extra >= 0 {
			direct = "0.5"
			if len(q.table.Rows) > 0 {
				direct = value.Format(q.table.Rows[0][2])
			}
		}
		call = q.name + "(" + direct + ") WITHIN GROUP (" + order + ")"
	}
	if q.call.Filter >= 0 {
		call += " FILTER (WHERE a)"
	}
	rows := "SELECT " + q.literals(nil) + " WHERE false"
	for _, r := range q.table.Rows {
		rows += " UNION ALL SELECT " + q.literals(r)
	}
	return "SELECT " + call + " FROM (" + rows + ") t(a, b, c)"
}

func (q *asked) literals(row []value.Datum) string {
	var out []string
	for i, f := range q.table.Fields {
		text := "NULL"
		if row != nil && !row[i].IsNull() {
			text = "E'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(value.Format(row[i])) + "'"
		}
		out = append(out, text+"::"+f.Type.Kind.String())
	}
	return strings.Join(out, ", ")
}

// weir computes the call.
func (q *asked) weir() string {
	types := plan.Types(q.table.Fields)
	a := functions.NewAccumulator(compile.AggCall(q.call), types)
	cols := valuetest.Columns(types, q.table.Rows)
	for i := range q.table.Rows {
		a.Add(cols, i)
	}
	d, err := a.Result()
	if err != nil {
		return "error " + err.SQLState
	}
	return show([]value.Datum{d})
}

// same compares two answers: floats that PostgreSQL adds up or multiplies in some order may differ
// in their last digits, numerics beyond 38 digits are cut, jsonb numbers lose trailing zeros, and
// DISTINCT has the canonical one of equal values.
func (q *asked) same(pg, weir string) bool {
	if pg == weir {
		return true
	}
	switch k := q.call.Type.Kind; {
	case q.within && pg == "error 22003" && weir == "NULL": // no row, so no fraction to judge
		return true
	case k == value.Interval && (pg == "error 22008" || weir == "error 22008"):
		return true // judged on the whole sum, and DISTINCT has months for 30 days
	case k == value.Numeric && weir == "error 22003" && len(pg) > value.MaxPrecision:
		return true
	case strings.HasPrefix(pg, "error") || strings.HasPrefix(weir, "error"):
		return false
	case k == value.Numeric && len(strings.Trim(pg, "-")) > value.MaxPrecision:
		return true
	case k == value.Float8:
		x, err1 := strconv.ParseFloat(pg, 64)
		y, err2 := strconv.ParseFloat(weir, 64)
		return err1 == nil && err2 == nil && math.Abs(x-y) <= 1e-9*math.Max(math.Abs(x), 1)
	case q.call.Distinct && k == value.Interval:
		return true
	case q.call.Distinct && k == value.Numeric:
		x, _ := value.ParseDecimal(pg)
		y, _ := value.ParseDecimal(weir)
		return x.Cmp(y) == 0
	}
	numbers := q.table.Fields[1].Type.Kind == value.Numeric ||
		q.call.Extra >= 0 && q.table.Fields[2].Type.Kind == value.Numeric
	return numbers && q.call.Type.Kind == value.JSONB
}

// TestAggregatesEqualPostgres asks PostgreSQL and Weir for the same aggregates of random rows.
func TestAggregatesEqualPostgres(t *testing.T) {
	c := startAggPostgres(t)
	r := rand.New(rand.NewPCG(*aggSeed, 0))
	seen, bad := map[string]int{}, 0
	for n := 0; n < *aggCount; {
		q, ok := drawAsked(r)
		if !ok {
			continue
		}
		n++
		seen[q.name]++
		pg, weir := askAggPostgres(t, c, q.sql()), q.weir()
		if q.same(pg, weir) {
			continue
		}
		t.Errorf("%s\nPostgreSQL: %s\nWeir:       %s", q.sql(), pg, weir)
		if bad++; bad == 20 {
			break
		}
	}
	for _, name := range aggregateNames {
		if seen[name] == 0 && bad == 0 {
			t.Logf("never asked for %s", name)
		}
	}
	if t.Failed() {
		t.Logf("again: go test ./stream/streamtest -run TestAggregatesEqualPostgres "+
			"-agg.seed %d -agg.n %d", *aggSeed, *aggCount)
	}
}

// askAggPostgres returns the text of the one value of a query.
func askAggPostgres(t *testing.T, c *pgconn.PgConn, sql string) string {
	results, err := c.Exec(context.Background(), sql).ReadAll()
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		if strings.HasPrefix(pgErr.Code, "42") {
			t.Fatalf("%s: %v", sql, err)
		}
		return "error " + pgErr.Code
	}
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if cell := results[0].Rows[0][0]; cell != nil {
		return string(cell)
	}
	return "NULL"
}

// startAggPostgres runs a private PostgreSQL 15 on a socket in a temporary directory, or skips.
func startAggPostgres(t *testing.T) *pgconn.PgConn {
	if testing.Short() {
		t.Skip("a PostgreSQL server takes seconds to start")
	}
	bin := "/usr/lib/postgresql/15/bin"
	if p, err := exec.LookPath("initdb"); err == nil {
		bin = filepath.Dir(p)
	}
	out, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil || !strings.Contains(string(out), " 15.") {
		t.Skip("no PostgreSQL 15 here")
	}
	dir := ""
	if dir, err = os.MkdirTemp("", "weiragg"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	user := func(cmd *exec.Cmd) *exec.Cmd { // PostgreSQL refuses to run as root
		if cmd.Dir = dir; os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		return cmd
	}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Skipf("root without the right to change owners: %v", err)
		}
	}
	data := filepath.Join(dir, "data")
	initdb := user(exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "weir", "-A", "trust",
		"--locale=C", "--encoding=UTF8", "--no-sync"))
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Skipf("initdb: %v\n%s", err, out)
	}
	server := user(exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "timezone=UTC"))
	var log bytes.Buffer
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Skipf("postgres: %v", err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
	})
	for range 100 {
		c, err := pgconn.Connect(context.Background(), "host="+dir+" user=weir dbname=postgres")
		if err == nil {
			t.Cleanup(func() { _ = c.Close(context.Background()) })
			return c
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal(fmt.Sprint("postgres does not answer: ", log.String()))
	return nil
}
