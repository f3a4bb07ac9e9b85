package sql_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"weir/stream/expr"
	"weir/stream/oracle"
	"weir/stream/plan"
	weirsql "weir/stream/sql"
	"weir/stream/value"
)

// changed is what an UPDATE or DELETE with a query leaves and returns, as text.
func (w weir) changed(t *testing.T, text string) (left, returned [][]string, failed bool) {
	t.Helper()
	raws, err := weirsql.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	st, err := weirsql.Bind(raws[0], w.cat, weirsql.Options{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var source plan.Node
	var ret *weirsql.Returning
	update := false
	switch s := st.(type) {
	case *weirsql.Update:
		source, ret, update = s.Source, s.Returning, true
	case *weirsql.Delete:
		source, ret = s.Source, s.Returning
	}
	rows, n := oracle.Query(source, oracle.Input{Rows: w.rows})
	if n > 0 {
		return nil, nil, true
	}
	r := w.cat.Lookup("t")
	width := len(r.Columns)
	table := map[int64][]value.Datum{}
	for _, row := range w.rows[r.ID] {
		table[row.Vals[0].I] = row.Vals
	}
	for _, row := range rows {
		delete(table, row[0].I)
	}
	for _, row := range rows {
		if update {
			row = row[width:]
			if table[row[0].I] != nil {
				return nil, nil, true
			}
			table[row[0].I] = row[:width]
		}
		var out []value.Datum
		for _, e := range ret.Exprs {
			d, err := expr.EvalRow(e, row, expr.Env{})
			if err != nil {
				return nil, nil, true
			}
			out = append(out, d)
		}
		returned = append(returned, texts(out))
	}
	for _, row := range table {
		left = append(left, texts(row))
	}
	return left, returned, false
}

func texts(row []value.Datum) []string {
	out := make([]string, len(row))
	for i, d := range row {
		if out[i] = "NULL"; !d.IsNull() {
			out[i] = string(value.AppendText(nil, d))
		}
	}
	return out
}

// change draws an UPDATE or DELETE whose rows meet at most one row of FROM, or do not care which.
func (q *querier) change() string {
	pick := func(list ...string) string { return list[q.rnd.IntN(len(list))] }
	from := pick("t u", "(SELECT id, max(a) AS a, min(k) AS k, sum(g) AS g FROM t GROUP BY id) u",
		"t v JOIN t u ON v.id = u.a")
	where := pick("u.id = t.a", "t.id = u.id + 1", "u.id = t.id AND u.a IS NOT NULL",
		"u.id = (SELECT max(x.id) FROM t x WHERE x.g = t.g)")
	if from[0] == 't' && len(from) > 3 { // several rows of v for one of u
		from = "t u LEFT JOIN (SELECT max(id) AS id, a FROM t GROUP BY a) v ON v.a = u.id"
	}
	cond := pick("t.id IN (SELECT a FROM t x)", "NOT EXISTS (SELECT 1 FROM t x WHERE x.a = t.g)",
		"t.b > (SELECT avg(x.b) FROM t x WHERE x.k = t.k)", "t.a = ANY (SELECT x.g FROM t x)")
	set := pick("a = u.a + 1, k = u.k", "k = t.k || u.k",
		"g = (SELECT count(*) FROM t x WHERE x.a > u.a)",
		"(a, k) = (SELECT max(x.a), min(x.k) FROM t x WHERE x.g = u.g)", "id = t.id + 100")
	lone := pick("a = (SELECT max(x.a) FROM t x WHERE x.k = t.k)", "(k, b) = ('z', t.a)",
		"b = 10 / (SELECT count(*) FROM t x WHERE x.a = t.g)")
	switch q.rnd.IntN(5) {
	case 0:
		return fmt.Sprintf("DELETE FROM t USING %s WHERE %s RETURNING t.id, u.k", from, where)
	case 1:
		return fmt.Sprintf("DELETE FROM t WHERE %s RETURNING *", cond)
	case 2:
		return fmt.Sprintf("UPDATE t SET %s WHERE %s RETURNING *", lone, cond)
	case 3:
		return fmt.Sprintf("WITH w AS (SELECT id AS i FROM t WHERE a > 0) UPDATE t SET %s FROM %s "+
			"WHERE %s AND t.id IN (SELECT i FROM w) RETURNING *", set, from, where)
	}
	return fmt.Sprintf("UPDATE t SET %s FROM %s WHERE %s RETURNING t.id, t.a, t.k, u.a", set, from,
		where)
}

// TestChangesDifferential asks PostgreSQL for UPDATE ... FROM, DELETE ... USING and subqueries in
// both: the rows that they return, and the table that they leave.
func TestChangesDifferential(t *testing.T) {
	pg := postgres{newPostgres(t)}
	rnd := rand.New(rand.NewPCG(*groupSeed, 9))
	q := &querier{rnd: rnd}
	changes := 0
	for range *groupCount / 20 {
		w, insert := diffRows(t, rnd)
		for range 10 {
			for _, text := range []string{"DROP TABLE IF EXISTS t", diffTable, insert} {
				if a := pg.ask(t, text); a.state != "" {
					t.Fatalf("%s: %s", text, a.state)
				}
			}
			text := q.change()
			left, returned, failed := w.changed(t, text)
			want := pg.ask(t, text)
			if failed != (want.state != "") {
				t.Fatalf("%s\n%s\nWeir failed: %t, PostgreSQL: %q", insert, text, failed, want.state)
			}
			if changes += len(returned); failed {
				continue
			}
			after := pg.ask(t, "SELECT * FROM t")
			for _, pair := range [][2][][]string{{returned, want.rows}, {left, after.rows}} {
				for _, rows := range pair {
					slices.SortFunc(rows, slices.Compare[[]string])
				}
				if !slices.EqualFunc(pair[0], pair[1], sameCells) {
					t.Fatalf("%s\n%s\nWeir:       %v\nPostgreSQL: %v", insert, text, pair[0], pair[1])
				}
			}
		}
	}
	if changes < 100 {
		t.Errorf("only %d rows were changed", changes)
	}
}
