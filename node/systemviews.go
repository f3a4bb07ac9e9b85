package node

import (
	"slices"
	"strings"

	"weir/app"
	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/sql"
	"weir/stream/value"
)

// weir_views is a relation that this node answers queries over from its committed state: every
// materialized view with its state, why it is suspended, and where it stands with its budget. It
// cannot be read by views or statements that change something, nor with proof.
const (
	viewsName   = "weir_views"
	viewsID     = 1
	indexesName = "pg_indexes" // indexes and primary keys, as PostgreSQL lists them
	indexesID   = 2
)

// systemView is a relation of this kind.
type systemView struct {
	def  *catalog.Relation
	rows func(*app.Snapshot) [][]value.Datum
}

func systemViews() []systemView {
	return []systemView{{viewsRelation(), viewRows}, {indexesRelation(), indexesRows}}
}

// viewsRelation is its definition.
func viewsRelation() *catalog.Relation {
	text, number := value.Of(value.Text), value.Of(value.Int8)
	return &catalog.Relation{
		ID: viewsID, Name: viewsName, Kind: catalog.Table, Version: 1, Key: []int{0},
		Columns: []catalog.Column{
			{Name: "name", Type: text, NotNull: true},
			{Name: "owner", Type: text, NotNull: true},
			{Name: "state", Type: text, NotNull: true},
			{Name: "reason", Type: text},
			{Name: "errors", Type: number, NotNull: true},
			{Name: "debt", Type: number, NotNull: true},
			{Name: "step_rows", Type: number, NotNull: true},
			{Name: "step_debt", Type: number, NotNull: true},
		},
	}
}

// bind binds a statement for a session. Queries see the system relation too.
func (s *session) bind(raw sql.Raw, snap *app.Snapshot, o sql.Options) (sql.Statement, error) {
	o.Role = s.role
	text := strings.ToLower(raw.Text)
	cat, read := snap.Catalog, map[uint32]systemView{}
	for _, v := range systemViews() {
		if strings.Contains(text, v.def.Name) {
			cat, read[v.def.ID] = cat.With(v.def), v
		}
	}
	if len(read) > 0 {
		stmt, err := sql.Bind(raw, cat, o)
		if st, ok := stmt.(*sql.Select); ok && err == nil {
			st.Plan = withViews(st.Plan, snap, read)
			return st, nil
		}
		if _, ok := stmt.(*sql.Select); ok || stmt == nil {
			return stmt, err
		}
	}
	return sql.Bind(raw, snap.Catalog, o)
}

// withViews puts the rows of system views where a plan scans them.
func withViews(n plan.Node, snap *app.Snapshot, read map[uint32]systemView) plan.Node {
	if s, ok := n.(*plan.Scan); ok && read[s.Relation].def != nil {
		out := &plan.Values{Fields: s.Fields}
		for _, row := range read[s.Relation].rows(snap) {
			picked := make([]value.Datum, len(s.Columns))
			for i, c := range s.Columns {
				picked[i] = row[c]
			}
			out.Rows = append(out.Rows, picked)
		}
		return out
	}
	old := n.Children()
	if len(old) == 0 {
		return n
	}
	kids := make([]plan.Node, len(old))
	for i, c := range old {
		kids[i] = withViews(c, snap, read)
	}
	return n.With(kids)
}

// viewRows are the rows of weir_views, by name.
func viewRows(snap *app.Snapshot) (out [][]value.Datum) {
	all := slices.Clone(snap.Catalog.All())
	slices.SortFunc(all, func(a, b *catalog.Relation) int { return strings.Compare(a.Name, b.Name) })
	params := snap.Params()
	for _, def := range all {
		st, ok := snap.Status(def.ID)
		if def.Kind != catalog.View || !ok {
			continue
		}
		reason := value.NullDatum
		if st.Reason != "" {
			reason = value.NewText(st.Reason)
		}
		out = append(out, []value.Datum{
			value.NewText(def.Name), value.NewText(def.Owner), value.NewText(stateName(st.State)),
			reason, value.NewInt8(int64(st.ErrorCount)), value.NewInt8(int64(st.Debt)),
			value.NewInt8(int64(params.StepRows)), value.NewInt8(int64(params.StepDebt)),
		})
	}
	return out
}

// stateName is the word for a state.
func stateName(s catalog.State) string {
	switch s {
	case catalog.Live:
		return "live"
	case catalog.Backfilling:
		return "backfilling"
	}
	return "suspended"
}
