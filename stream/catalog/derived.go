package catalog

import "weir/stream/value"

// HiddenNames are the names of a stream's hidden columns, in their order.
var HiddenNames = [NumHidden]string{"weir_offset", "weir_height", "weir_time", "weir_producer"}

// HiddenTypes are their types.
var HiddenTypes = [NumHidden]value.Type{
	{Kind: value.Int8}, {Kind: value.Int8}, {Kind: value.TimestampTZ}, {Kind: value.Text},
}

// Names of columns that derived relations add.
const (
	WatermarkColumn = "weir_watermark"
	ReasonColumn    = "weir_reason"
	ValidFromColumn = "weir_valid_from"
	DeletedColumn   = "weir_deleted"
)

// Columns of an error relation; the first four are its key.
const (
	ErrOperator = iota
	ErrExpression
	ErrSQLState
	ErrInput
	ErrInputText
	NumErrorColumns
)

// RowSpace returns the columns that rows of r have: the visible ones, then, for a stream, the
// hidden ones.
func (r *Relation) RowSpace() []Column {
	if r.Kind != Stream {
		return r.Columns
	}
	out := make([]Column, 0, len(r.Columns)+NumHidden)
	out = append(out, r.Columns...)
	return append(out, hiddenColumns()...)
}

func hiddenColumns() []Column {
	out := make([]Column, NumHidden)
	for i := range out {
		out[i] = Column{Name: HiddenNames[i], Type: HiddenTypes[i], NotNull: true}
	}
	return out
}

// Growth is what row.NewShape asks of a relation: types, versions and fill values of its columns.
func (r *Relation) Growth() (types []value.Type, since []uint32, fill [][]byte) {
	for _, c := range r.Columns {
		types, since, fill = append(types, c.Type), append(since, c.Since), append(fill, c.Fill)
	}
	return types, since, fill
}

// Stored reports whether rows of r lie in a keyed store; otherwise they lie in a log.
func (r *Relation) Stored() bool {
	return r.Kind == Table || r.Kind == View || r.Kind == Errors || r.Kind == History
}

// Grows reports whether entries of r, which is stored, may be of older schema versions.
func (r *Relation) Grows() bool { return r.Kind == Table || r.Kind == History }

// Log reports whether rows of r lie in a stream's log.
func (r *Relation) Log() bool { return !r.Stored() }

// derived returns the relations that live with r, without ids.
func derived(r *Relation) []*Relation {
	switch r.Kind {
	case Stream:
		out := []*Relation{rejectedOf(r)}
		if len(r.Watermarks) > 0 {
			out = append(out, lateOf(r))
		}
		return out
	case View:
		return []*Relation{errorsOf(r)}
	case Table:
		if r.Versioned {
			return []*Relation{historyOf(r)}
		}
		return nil
	default:
		return nil
	}
}

// lateOf has the stream's columns, its hidden columns and the watermark that each row missed: of
// several, each in a column of its own, NULL where the row did not miss it.
func lateOf(s *Relation) *Relation {
	cols := append(nullable(s.Columns), hiddenColumns()...)
	for i, w := range s.Watermarks {
		c := s.Columns[w.Column]
		name := WatermarkColumn
		if i > 0 {
			name += "_" + c.Name
		}
		cols = append(cols, Column{Name: name, Type: c.Type, NotNull: len(s.Watermarks) == 1})
	}
	return derivedOf(s, Late, LateSuffix, cols, []int{len(s.Columns) + HiddenOffset}, true)
}

// rejectedOf has the stream's columns and the stable word for why each row was rejected.
func rejectedOf(s *Relation) *Relation {
	cols := append(nullable(s.Columns), Column{
		Name: ReasonColumn, Type: value.Type{Kind: value.Text}, NotNull: true,
	})
	return derivedOf(s, Rejected, RejectedSuffix, cols, nil, true)
}

// errorsOf has one row for each row that a scalar error keeps out of the view.
func errorsOf(v *Relation) *Relation {
	cols := []Column{
		ErrOperator:   {Name: "operator", Type: value.Type{Kind: value.Int4}, NotNull: true},
		ErrExpression: {Name: "expression", Type: value.Type{Kind: value.Text}, NotNull: true},
		ErrSQLState:   {Name: "sqlstate", Type: value.Type{Kind: value.Text}, NotNull: true},
		ErrInput:      {Name: "input", Type: value.Type{Kind: value.Bytea}, NotNull: true},
		ErrInputText:  {Name: "input_text", Type: value.Type{Kind: value.Text}},
	}
	key := []int{ErrOperator, ErrExpression, ErrSQLState, ErrInput}
	return derivedOf(v, Errors, ErrorsSuffix, cols, key, false)
}

func derivedOf(
	r *Relation, k Kind, suffix string, cols []Column, key []int, appendOnly bool,
) *Relation {
	return &Relation{
		Name: r.Name + suffix, Kind: k, Owner: r.Owner, Version: r.Version,
		Columns: cols, Key: key, AppendOnly: appendOnly,
	}
}

func nullable(cols []Column) []Column {
	out := make([]Column, len(cols), len(cols)+NumHidden+1)
	for i, c := range cols {
		out[i] = Column{Name: c.Name, Type: c.Type, Since: c.Since, Fill: c.Fill}
	}
	return out
}

// KeyName is the name of a table's primary key constraint.
func KeyName(r *Relation) string { return r.Name + "_pkey" }
