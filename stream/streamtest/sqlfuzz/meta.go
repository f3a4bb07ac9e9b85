package sqlfuzz

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/stream/engine"
	"weir/stream/sql"
	"weir/stream/streamtest/machine"
	"weir/stream/value"
)

// Laws that hold for any query, whatever it means. Each names itself in the failures.
//
//	recut        the same changes one at a time, and those of all steps as one, end in the same view
//	retraction   taking every row away ends in the view of empty tables
//	restart      an engine that was saved and loaded between steps goes on as if it had not been
//	backfill     a view made after the changes is the view that was made before them
//	partition    the rows where p, not p, and p is unknown are all rows (ternary logic partitioning)
//	counting     as many rows have p as p is counted over all rows (non-optimising reference)
var laws = []struct {
	name  string
	holds func(c *Case) (want, got []string, err error)
}{
	{"recut", recut},
	{"retraction", retraction},
	{"restart", restart},
	{"backfill", backfill},
	{"partition", partition},
	{"counting", counting},
}

// Laws are the names of what CheckLaws checks.
func Laws() (out []string) {
	for _, l := range laws {
		out = append(out, l.name)
	}
	return out
}

// CheckLaws runs a case under each law; refused says that the query is none here.
func CheckLaws(c *Case) (refused bool, f *Failure) {
	now := "law"
	defer func() {
		if r := recover(); r != nil {
			f = &Failure{now + " panics", fmt.Sprint(r)}
		}
	}()
	if _, err := start(c, true); err != nil {
		return true, nil
	}
	for _, l := range laws {
		now = l.name
		want, got, err := l.holds(c)
		var e *sql.Error
		if errors.As(err, &e) && e.SQLState == "54001" {
			continue // the law's own query, in which the case's stands several times, is too large
		}
		if err != nil {
			return false, &Failure{l.name + " fails: " + reason(err), err.Error()}
		}
		if f := differ(l.name, got, want); f != nil {
			return false, f
		}
	}
	return false, nil
}

// start makes the tables, and the view if asked.
func start(c *Case, view bool) (*world, error) {
	w := &world{m: machine.New(engine.Limits{}), rows: map[[2]int64][]value.Datum{}}
	w.m.KeepHistory = true
	if err := w.m.Exec(Schema()); err != nil || !view {
		return w, err
	}
	return w, w.m.Exec("CREATE MATERIALIZED VIEW v AS " + c.Query())
}

// through is the view after steps.
func through(c *Case, steps [][]Change) ([]string, error) {
	w, err := start(c, true)
	if err != nil {
		return nil, err
	}
	if err := w.all(steps); err != nil {
		return nil, err
	}
	return w.view(), nil
}

func (w *world) all(steps [][]Change) error {
	for _, s := range steps {
		if f := w.move(s); f != nil {
			return f
		}
	}
	return nil
}

func recut(c *Case) (want, got []string, err error) {
	var single [][]Change
	last := map[[2]int64]Change{}
	var order [][2]int64
	for _, s := range c.Steps {
		for _, ch := range s {
			single = append(single, []Change{ch})
			at := [2]int64{int64(ch.Table), ch.Key}
			if _, ok := last[at]; !ok {
				order = append(order, at)
			}
			last[at] = ch
		}
	}
	var whole []Change
	for _, at := range order {
		whole = append(whole, last[at])
	}
	if want, err = through(c, c.Steps); err != nil {
		return nil, nil, err
	}
	if got, err = through(c, single); err != nil || !slices.Equal(want, got) {
		return want, got, err
	}
	got, err = through(c, [][]Change{whole})
	return want, got, err
}

func retraction(c *Case) (want, got []string, err error) {
	if want, err = through(c, nil); err != nil {
		return nil, nil, err
	}
	var none []Change
	for t := range numTables {
		for k := range keys {
			none = append(none, Change{Table: t, Key: int64(k + 1), Delete: true})
		}
	}
	got, err = through(c, append(slices.Clone(c.Steps), none))
	return want, got, err
}

func restart(c *Case) (want, got []string, err error) {
	if want, err = through(c, c.Steps); err != nil {
		return nil, nil, err
	}
	w, err := start(c, true)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range c.Steps {
		if err := w.m.Restart(); err != nil {
			return nil, nil, err
		}
		if f := w.move(s); f != nil {
			return nil, nil, f
		}
	}
	return want, w.view(), nil
}

func backfill(c *Case) (want, got []string, err error) {
	if want, err = through(c, c.Steps); err != nil {
		return nil, nil, err
	}
	half := len(c.Steps) / 2
	w, err := start(c, false)
	if err != nil {
		return nil, nil, err
	}
	if err := w.all(c.Steps[:half]); err != nil {
		return nil, nil, err
	}
	if err := w.m.Exec("CREATE MATERIALIZED VIEW v AS " + c.Query()); err != nil {
		return nil, nil, err
	}
	if err := w.all(c.Steps[half:]); err != nil {
		return nil, nil, err
	}
	return want, w.view(), nil
}

// condition is p, over the first output of the query.
func (c *Case) condition() string {
	return fmt.Sprintf([]string{
		"(length(CAST(q.c1 AS text)) > %d)", "(CAST(q.c1 AS text) < '%d')",
		"(q.c1 IS NOT NULL AND length(CAST(q.c1 AS text)) = %d)",
		"(coalesce(CAST(q.c1 AS text), '') > '%d')",
	}[c.Seed%4], c.Seed/4%4)
}

// over is a query over the query's rows, the view of it after all steps.
func (c *Case) over(text string) ([]string, error) {
	q := strings.ReplaceAll(text, "$query", c.Query())
	q = strings.ReplaceAll(q, "$p", c.condition())
	return through(&Case{c.Seed, lit(wholeQuery, q), nil}, c.Steps)
}

func partition(c *Case) (want, got []string, err error) {
	if want, err = c.over("SELECT * FROM ($query) AS q"); err != nil {
		return nil, nil, err
	}
	got, err = c.over("WITH q AS ($query) SELECT * FROM q WHERE $p UNION ALL " +
		"SELECT * FROM q WHERE NOT $p UNION ALL SELECT * FROM q WHERE $p IS NULL")
	return want, got, err
}

func counting(c *Case) (want, got []string, err error) {
	if want, err = c.over("SELECT count(*) FROM ($query) AS q WHERE $p"); err != nil {
		return nil, nil, err
	}
	got, err = c.over("SELECT coalesce(sum(CASE WHEN $p THEN 1 ELSE 0 END), 0) FROM ($query) AS q")
	return want, got, err
}
