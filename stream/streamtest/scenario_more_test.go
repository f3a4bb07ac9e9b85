package streamtest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/sql"
	"weir/stream/sql/parse"
	"weir/stream/state"
	"weir/stream/window"
)

// newScenario is an engine without relations.
func newScenario() *scenario {
	return &scenario{
		cat: catalog.New(), eng: engine.New(engine.Config{}), mem: state.NewMem(),
		plans: map[uint32]plan.Node{}, rows: map[uint32][]oracle.Row{},
		pending:   map[uint32][]oracle.Row{},
		producers: map[uint32]window.Watermarks{},
	}
}

// more runs the commands that are not of every scenario:
//
//	again: starts over, for a second run beside the first
//	state: the size of what the operators of each view keep
//	describe: the columns, the key and the nature of relations, one name a line
//	refused: statements of which one is refused, and how
func (s *scenario) more(t *testing.T, d *datadriven.TestData) (string, error) {
	switch d.Cmd {
	case "again":
		*s = *newScenario()
		return "", nil
	case "state":
		return s.sizes(), nil
	case "describe":
		return s.describe(d.Input), nil
	case "refused":
		_, err := s.run(d.Input, "p")
		var refusal *parse.Error
		if !errors.As(err, &refusal) {
			t.Fatalf("%s: not refused, but %v", d.Pos, err)
		}
		out := fmt.Sprintf("%s: %s\n", refusal.SQLState, refusal.Message)
		if refusal.Detail != "" {
			out += refusal.Detail + "\n"
		}
		if refusal.Hint != "" {
			out += refusal.Hint + "\n"
		}
		return out, nil
	}
	t.Fatalf("unknown command %s", d.Cmd)
	return "", nil
}

// sizes prints the entries of each operator that keeps any.
func (s *scenario) sizes() (out string) {
	for _, id := range sortedKeys(s.plans) {
		total := 0
		for _, n := range s.eng.Running(id).Nodes {
			if n.Entries > 0 {
				out += fmt.Sprintf("%s: %s keeps %d entries\n", s.cat.ByID(id).Name, n.Operator,
					n.Entries)
			}
			total += n.Entries
		}
		if total == 0 {
			out += s.cat.ByID(id).Name + ": nothing is kept\n"
		}
	}
	return out
}

func (s *scenario) describe(name string) (out string) {
	r := s.cat.Lookup(name)
	for i, c := range r.RowSpace() {
		hidden := ""
		if i >= len(r.Columns) || c.Hidden {
			hidden = " (hidden)"
		}
		out += fmt.Sprintf("%s %s%s\n", c.Name, c.Type, hidden)
	}
	if len(r.Key) > 0 {
		out += "key"
		for _, c := range r.Key {
			out += " " + r.RowSpace()[c].Name
		}
		out += "\n"
	}
	if r.AppendOnly {
		out += "append-only\n"
	}
	return out
}

// statementMore runs what is not of every scenario.
func (s *scenario) statementMore(st sql.Statement) (string, error) {
	switch st := st.(type) {
	case *sql.CreateFunction:
		s.cat.CreateFunction(st.Function)
		return "", nil
	case *sql.DropFunction:
		for _, id := range st.Functions {
			s.cat.DropFunction(id)
		}
		return "", nil
	case *sql.Explain:
		return st.Text, nil
	}
	return "", fmt.Errorf("%T in a scenario", st)
}

// blockTime reads the argument now of a step, which stays until the next one says otherwise.
func (s *scenario) blockTime(t *testing.T, d *datadriven.TestData) {
	text := ""
	if d.MaybeScanArgs(t, "now", &text); text == "" {
		return
	}
	raws, err := sql.Parse("SELECT timestamptz '" + text + "'")
	must(err)
	st, err := sql.Bind(raws[0], s.cat, sql.Options{})
	must(err)
	got, err := s.eng.Query(st.(*sql.Select).Plan, s.env())
	must(err)
	s.now = got.Rows[0][0].I
}
