package sql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/stream/catalog"
	"weir/stream/sql"
	"weir/stream/value"
)

// schema is the catalog that goldens and fuzzing start from.
const schema = `
CREATE STREAM flights (
  id bigint NOT NULL, origin text NOT NULL, dest text, delay int, fare numeric(10,2),
  ts timestamptz, WATERMARK FOR ts AS ts - INTERVAL '5 minutes');
CREATE STREAM clicks (who text, n int, at timestamp);
CREATE STREAM bids (auction bigint, price bigint, ts timestamptz,
  WATERMARK FOR ts AS ts - INTERVAL '4 seconds');
CREATE TABLE airports (code text PRIMARY KEY, city text, runways smallint);
CREATE TABLE seats (flight bigint, seat int, holder text, PRIMARY KEY (flight, seat));
CREATE MATERIALIZED VIEW totals AS
  SELECT origin, count(*) AS n, sum(delay) AS total FROM flights GROUP BY origin;
`

// run binds the statements of a text and applies those that define relations.
func run(cat *catalog.Catalog, text string, opts sql.Options) (string, error) {
	raws, err := sql.Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, raw := range raws {
		st, err := sql.Bind(raw, cat, opts)
		if err != nil {
			return "", err
		}
		b.WriteString(describe(cat, st))
		if err := apply(cat, st); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func apply(cat *catalog.Catalog, st sql.Statement) error {
	var r *catalog.Relation
	switch s := st.(type) {
	case *sql.CreateStream:
		r = s.Relation
		if s.Exists {
			return nil
		}
	case *sql.CreateTable:
		r = s.Relation
		if s.Exists {
			return nil
		}
	case *sql.CreateFunction:
		cat.CreateFunction(s.Function)
		return nil
	case *sql.DropFunction:
		for _, id := range s.Functions {
			cat.DropFunction(id)
		}
		return nil
	case *sql.CreateIndex:
		if s.Exists {
			return nil
		}
		return cat.CreateIndex(s.Index)
	case *sql.DropIndex:
		for _, id := range s.Indexes {
			cat.DropIndex(id)
		}
		return nil
	case *sql.AlterTable:
		if s.Relation != nil {
			cat.Alter(s.Relation)
		}
		return nil
	case *sql.CreateView:
		if s.Replaces {
			cat.Replace(s.Relation)
			return nil
		}
		r = s.Relation
		if s.Exists {
			return nil
		}
	case *sql.Drop:
		for _, id := range s.Relations {
			if _, err := cat.Drop(id); err != nil {
				return err
			}
		}
		return nil
	default:
		return nil
	}
	_, err := cat.Create(r)
	return err
}

func newCatalog(t testing.TB) *catalog.Catalog {
	cat := catalog.New()
	if _, err := run(cat, schema, sql.Options{Role: "weir"}); err != nil {
		t.Fatal(err)
	}
	return cat
}

// describeError writes a refusal with a mark under its place.
func describeError(text string, err error) string {
	var e *sql.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("NOT A REFUSAL: %v\n", err)
	}
	out := fmt.Sprintf("ERROR %s: %s\n", e.SQLState, e.Message)
	if e.Position > 0 {
		lines := strings.Split(text, "\n")
		at := e.Position - 1
		for _, l := range lines {
			n := len([]rune(l))
			if at <= n {
				out += fmt.Sprintf("  %s\n  %s^\n", l, strings.Repeat(" ", at))
				break
			}
			at -= n + 1
		}
	}
	if e.Detail != "" {
		out += "DETAIL: " + e.Detail + "\n"
	}
	if e.Hint != "" {
		out += "HINT: " + e.Hint + "\n"
	}
	return out
}

// TestGoldens binds the statements in testdata over the schema above. Each statement sees what
// those before it in its file defined.
func TestGoldens(t *testing.T) {
	datadriven.Walk(t, "testdata/bind", func(t *testing.T, path string) {
		cat := newCatalog(t)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			opts := sql.Options{Role: "weir"}
			for _, a := range d.CmdArgs {
				if a.Key == "params" {
					for _, v := range a.Vals {
						k, _ := value.KindByName(v)
						opts.ParamTypes = append(opts.ParamTypes, value.Of(k))
					}
				}
			}
			out, err := run(cat, d.Input, opts)
			if err != nil {
				return describeError(d.Input, err)
			}
			return out
		})
	})
}
