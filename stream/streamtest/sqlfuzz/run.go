package sqlfuzz

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/stream/batch"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/sql"
	"weir/stream/streamtest/machine"
	"weir/stream/value"
)

// Peer is another database system with the same tables.
type Peer interface {
	Name() string
	// Reset makes the tables empty.
	Reset() error
	// Apply makes the changes of a step.
	Apply(step []Change) error
	// Query answers with one line for each row, as Line writes it. Its error is a refusal.
	Query(sql string) ([]string, error)
}

// Failure is how a case went wrong.
type Failure struct {
	Kind   string // stays the same when the case is reduced
	Detail string
}

func (f *Failure) Error() string { return f.Kind + "\n" + f.Detail }

// Result says what happened in a case that did not fail.
type Result struct {
	// Refused has the names of the peers that did not take the query.
	Refused []string
	Rows    int // of the view at the end
}

// Runs reports whether a peer can run the case at all.
func (c *Case) Runs(peer string) bool {
	return !c.query.any(func(p *piece) bool {
		return p.noLite && peer == "sqlite" || p.noPostgres && peer == "postgres"
	})
}

// Line writes the values of a row; nil is NULL.
func Line(vals []*string) string {
	parts := make([]string, len(vals))
	for i, v := range vals {
		if parts[i] = "NULL"; v != nil {
			parts[i] = "<" + *v + ">"
		}
	}
	return strings.Join(parts, " ")
}

// Run keeps the case's query as a view through all steps.
func Run(c *Case, peers []Peer) (res Result, f *Failure) {
	defer func() {
		if r := recover(); r != nil {
			f = &Failure{"panic", fmt.Sprint(r)}
		}
	}()
	w := &world{m: machine.New(engine.Limits{}), rows: map[[2]int64][]value.Datum{}}
	if err := w.m.Exec(Schema()); err != nil {
		return res, &Failure{"schema", err.Error()}
	}
	refused := w.m.Exec("CREATE MATERIALIZED VIEW v AS " + c.Query())
	var taking []Peer
	for _, p := range peers {
		if !c.Runs(p.Name()) {
			continue
		}
		if err := p.Reset(); err != nil {
			return res, &Failure{p.Name() + " is out of order", err.Error()}
		}
		if _, err := p.Query(c.Query()); err != nil {
			res.Refused = append(res.Refused, p.Name())
			continue
		}
		taking = append(taking, p)
	}
	if refused != nil {
		if len(taking) > 0 {
			return res, &Failure{"refused: " + reason(refused), refused.Error()}
		}
		return res, nil
	}
	for i, step := range c.Steps {
		if f := w.step(c, step, taking); f != nil {
			f.Detail = fmt.Sprintf("after step %d\n%s", i+1, f.Detail)
			return res, f
		}
	}
	res.Rows = len(w.view())
	return res, nil
}

// reason is why a query was refused, without the place.
func reason(err error) string {
	var e *sql.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}

// world is the case under way.
type world struct {
	m    *machine.Machine
	rows map[[2]int64][]value.Datum
}

func (w *world) step(c *Case, step []Change, peers []Peer) *Failure {
	if f := w.move(step); f != nil {
		return f
	}
	return w.compare(c, step, peers)
}

// move makes the changes of a step.
func (w *world) move(step []Change) *Failure {
	in := map[string]machine.Input{}
	builders := map[string]*batch.Builder{}
	for _, ch := range step {
		name := fmt.Sprintf("t%d", ch.Table)
		b := builders[name]
		if b == nil {
			b = batch.NewBuilder(w.m.Types(name), 0)
			builders[name] = b
		}
		at := [2]int64{int64(ch.Table), ch.Key}
		if old := w.rows[at]; old != nil {
			b.Add(old, -1)
			delete(w.rows, at)
		}
		if !ch.Delete {
			w.rows[at] = ch.row()
			b.Add(ch.row(), 1)
		}
	}
	//weir:unordered fills a map from a map
	for name, b := range builders {
		in[name] = machine.Input{Rows: b.Batch()}
	}
	res, err := w.m.Step(in)
	if err != nil {
		return &Failure{"step", err.Error()}
	}
	if len(res.Suspensions) > 0 {
		return &Failure{"suspended", res.Suspensions[0].Reason}
	}
	return nil
}

func (ch Change) row() []value.Datum {
	out := []value.Datum{value.NewInt8(ch.Key), {}, {}, {}}
	for i, v := range []*int64{ch.A, ch.B} {
		if v != nil {
			out[i+1] = value.NewInt8(*v)
		}
	}
	if ch.S != nil {
		out[3] = value.NewText(*ch.S)
	}
	return out
}

func (w *world) compare(c *Case, step []Change, peers []Peer) *Failure {
	got, p := w.view(), w.m.Plan("v")
	naive := oracle.EvalView(p, w.m.Cat.Lookup("v").Key, w.m.OracleInput())
	if f := differ("oracle", got, lines(w, naive.Rows)); f != nil {
		return f
	}
	once, err := w.m.Query(p)
	if err != nil {
		return &Failure{"batch refuses", err.Error()}
	}
	rows := make([]oracle.Row, len(once.Rows))
	for i, r := range once.Rows {
		rows[i] = oracle.Row{Vals: r, Weight: 1}
	}
	if f := differ("batch", got, lines(w, rows)); f != nil {
		return f
	}
	for _, peer := range peers {
		if err := peer.Apply(step); err != nil {
			return &Failure{peer.Name() + " is out of order", err.Error()}
		}
		want, err := peer.Query(c.Query())
		if err != nil {
			return &Failure{peer.Name() + " fails", err.Error()}
		}
		slices.Sort(want)
		if f := differ(peer.Name(), got, want); f != nil {
			return f
		}
	}
	return nil
}

func differ(who string, got, want []string) *Failure {
	if slices.Equal(got, want) {
		return nil
	}
	return &Failure{"the view differs from " + who, fmt.Sprintf("the view:\n  %s\n%s:\n  %s",
		strings.Join(got, "\n  "), who, strings.Join(want, "\n  "))}
}

func (w *world) view() []string { return lines(w, w.m.View("v")) }

// lines writes the visible columns of rows, each as often as its weight, in order.
func lines(w *world, rows []oracle.Row) (out []string) {
	cols := w.m.Cat.Lookup("v").Columns
	for _, r := range rows {
		var vals []*string
		for i, d := range r.Vals {
			if cols[i].Hidden {
				continue
			}
			vals = append(vals, nil)
			if !d.IsNull() {
				s := string(value.AppendText(nil, d))
				vals[len(vals)-1] = &s
			}
		}
		for range r.Weight {
			out = append(out, Line(vals))
		}
	}
	slices.Sort(out)
	return out
}
