package node

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"weir/app"
	"weir/app/tx"
	"weir/node/pgwire"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql"
	"weir/stream/value"
)

// prepared is one bound statement of a session. It is bound again at every execution, since the
// catalog may have changed and the values of its parameters are known only then.
type prepared struct {
	s        *session
	raw      *sql.Raw // nil: an empty statement
	text     string
	declared []value.Type
	stmt     sql.Statement // bound for its description
}

// Params implements pgwire.Prepared.
func (p *prepared) Params() []value.Type {
	if p.stmt == nil {
		return nil
	}
	return p.stmt.Common().Params
}

// Columns implements pgwire.Prepared.
func (p *prepared) Columns() []pgwire.Column {
	switch st := p.stmt.(type) {
	case *sql.Select:
		return fieldColumns(st.Columns)
	case *sql.Explain:
		return []pgwire.Column{{Name: "QUERY PLAN", Type: value.Of(value.Text)}}
	case *sql.Show:
		if strings.ToLower(st.Name) == showErasures {
			return erasureColumns
		}
		return []pgwire.Column{{Name: strings.ToLower(st.Name), Type: value.Of(value.Text)}}
	}
	if r := returning(p.stmt); r != nil {
		return fieldColumns(r.Columns)
	}
	return nil
}

func fieldColumns(fields []plan.Field) []pgwire.Column {
	out := make([]pgwire.Column, len(fields))
	for i, f := range fields {
		out[i] = pgwire.Column{Name: f.Name, Type: f.Type}
	}
	return out
}

// returning is what a statement gives back, nil if nothing.
func returning(stmt sql.Statement) *sql.Returning {
	switch st := stmt.(type) {
	case *sql.Insert:
		return st.Returning
	case *sql.Update:
		return st.Returning
	case *sql.Delete:
		return st.Returning
	}
	return nil
}

// Execute implements pgwire.Prepared.
func (p *prepared) Execute(ctx context.Context, args []value.Datum, out pgwire.RowWriter) (
	tag string, err error,
) {
	defer func() {
		if err != nil {
			p.s.fail()
			tag, err = "", wireError(err)
		}
	}()
	defer app.Recover(&err)
	if p.stmt == nil {
		return "", nil
	}
	return p.run(ctx, args, out)
}

func (p *prepared) run(ctx context.Context, args []value.Datum, out pgwire.RowWriter) (
	string, error,
) {
	s := p.s
	if err := s.allowed(p.stmt); err != nil {
		return "", err
	}
	snap, err := s.snapshotFor(ctx, p.raw)
	if err != nil {
		return "", err
	}
	stmt, err := s.bind(*p.raw, snap, sql.Options{ParamTypes: p.Params(), Args: args})
	if err != nil {
		return "", err
	}
	if !slices.Equal((&prepared{stmt: stmt}).Columns(), p.Columns()) {
		return "", &pgwire.Error{
			SQLState: "0A000", Message: "cached plan must not change result type",
			Hint: "Prepare the statement again: a relation that it reads has changed.",
		}
	}
	for _, n := range stmt.Common().Notices {
		err := out.Notice(&pgwire.Error{
			Severity: "NOTICE", SQLState: n.SQLState, Message: n.Message, Detail: n.Detail,
			Hint: n.Hint,
		})
		if err != nil {
			return "", err
		}
	}
	switch st := stmt.(type) {
	case *sql.Select:
		return s.selectRows(ctx, snap, st, out)
	case *sql.Explain:
		return s.explain(snap, st, out)
	case *sql.Insert:
		if st.Kind == catalog.Stream {
			return s.append(ctx, snap, st)
		}
		return s.statement(ctx, p, stmt, args, out)
	case *sql.Update, *sql.Delete, *sql.CreateStream, *sql.CreateTable, *sql.CreateView,
		*sql.AlterTable, *sql.CreateFunction, *sql.DropFunction,
		*sql.CreateIndex, *sql.DropIndex, *sql.Drop, *sql.Grant, *sql.AlterView,
		*sql.Erase:
		return s.statement(ctx, p, stmt, args, out)
	default:
		return s.control(ctx, stmt, out)
	}
}

// append sends INSERT INTO a stream as a batch in the gateway's lane of the session's role, or
// buffers its rows in a block.
func (s *session) append(ctx context.Context, snap *app.Snapshot, st *sql.Insert) (
	string, error,
) {
	given, err := insertRows(snap, st)
	if err != nil {
		return "", err
	}
	if len(given) == 0 {
		return "INSERT 0 0", nil
	}
	if len(given) > int(tx.DefaultLimits().BatchRows) {
		return "", &pgwire.Error{
			SQLState: "54000",
			Message: fmt.Sprintf("an INSERT may hold at most %d rows",
				tx.DefaultLimits().BatchRows),
			Hint: "Use weir load for more.",
		}
	}
	def := snap.Catalog.ByID(st.Target)
	if def == nil {
		return "", tx.Rejectf(tx.CodeUnknownRelation, "%q does not exist", st.Name)
	}
	types := make([]value.Type, len(def.Columns))
	for i, c := range def.Columns {
		types[i] = c.Type
	}
	b := batch.FromRows(types, given, nil)
	tag := fmt.Sprintf("INSERT 0 %d", b.Len)
	r := rows{relation: def.ID, version: def.Version, cols: b.Cols, n: b.Len}
	if s.status == pgwire.TxBlock {
		return tag, s.queue.addRows(r)
	}
	done, err := s.gate.body(ctx, s.role, []rows{r}, nil)
	if err != nil {
		return "", err
	}
	s.sawResult(done)
	return tag, nil
}

// insertRows are the rows that an INSERT gives: VALUES in written order, a query in the order of
// its answer.
func insertRows(snap *app.Snapshot, st *sql.Insert) ([][]value.Datum, error) {
	if st.Rows == nil {
		if err := snap.Readable(st.Source); err != nil {
			return nil, err
		}
		res, err := snap.Query(st.Source)
		if err != nil {
			return nil, queryError(err)
		}
		for i, r := range res.Rows { // hidden columns are behind the others
			res.Rows[i] = r[:len(res.Visible)]
		}
		return res.Rows, nil
	}
	out := make([][]value.Datum, len(st.Rows))
	for i, list := range st.Rows {
		for _, e := range list {
			d, fault := expr.EvalRow(e, nil, expr.Env{Now: snap.TimeMicros})
			if fault != nil {
				return nil, fault
			}
			out[i] = append(out[i], d)
		}
	}
	return out, nil
}

// statement sends a statement that changes tables or the catalog, or buffers it in a block.
func (s *session) statement(ctx context.Context, p *prepared, stmt sql.Statement,
	args []value.Datum, out pgwire.RowWriter,
) (string, error) {
	text := p.raw.Text
	if len(args) > 0 {
		literals := make([]string, len(args))
		for i, a := range args {
			literals[i] = literal(a, p.Params()[i])
		}
		var err error
		if text, err = sql.Inline(text, literals); err != nil {
			return "", err
		}
	}
	if s.status == pgwire.TxBlock {
		if returning(stmt) != nil {
			return "", &pgwire.Error{
				SQLState: "0A000", Message: "RETURNING in a transaction block is not supported",
				Hint: "The rows are known at COMMIT: send the statement on its own.",
			}
		}
		return tagOf(stmt, s.expected(stmt)), s.queue.addStatement(text, isDDL(stmt))
	}
	done, err := s.gate.statements(ctx, s.role, []string{text})
	if err != nil {
		return "", err
	}
	s.sawResult(done)
	if err := notices(done, out); err != nil {
		return "", err
	}
	for _, r := range done.Ops[0].Returned {
		if err := out.Row(r); err != nil {
			return "", err
		}
	}
	return tagOf(stmt, done.Ops[0].Rows), nil
}

// expected is how many rows a buffered statement is expected to insert: those of its source as
// of BEGIN. What UPDATE and DELETE will find is not known before COMMIT.
func (s *session) expected(stmt sql.Statement) int64 {
	st, ok := stmt.(*sql.Insert)
	if !ok {
		return 0
	}
	if st.Rows != nil {
		return int64(len(st.Rows))
	}
	res, err := s.asOf.Query(st.Source)
	if err != nil {
		return 0 // COMMIT will say what is wrong
	}
	return int64(len(res.Rows))
}

// notices passes on what a transaction has to say.
func notices(done app.TxResult, out pgwire.RowWriter) error {
	for _, op := range done.Ops {
		if err := tell(op.Notices, out); err != nil {
			return err
		}
	}
	return nil
}

func tell(notices []app.Notice, out pgwire.RowWriter) error {
	for _, n := range notices {
		err := out.Notice(&pgwire.Error{
			Severity: "NOTICE", SQLState: n.SQLState, Message: n.Message, Hint: n.Hint,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// literal writes a value so that it stands in SQL text for itself.
func literal(d value.Datum, t value.Type) string {
	if d.IsNull() {
		return "NULL"
	}
	text := string(value.AppendText(nil, d))
	return "'" + strings.ReplaceAll(text, "'", "''") + "'::" + t.String()
}

func isDDL(stmt sql.Statement) bool {
	switch stmt.(type) {
	case *sql.Insert, *sql.Update, *sql.Delete:
		return false
	default:
		return true
	}
}

// tagOf is the command tag with its count; in a block the count is not known yet.
func tagOf(stmt sql.Statement, n int64) string {
	switch stmt.(type) {
	case *sql.Insert:
		return fmt.Sprintf("INSERT 0 %d", max(n, 0))
	case *sql.Update, *sql.Delete:
		return fmt.Sprintf("%s %d", stmt.Tag(), max(n, 0))
	default:
		return stmt.Tag()
	}
}

// buffered is what a transaction block will send as one body.
type buffered struct {
	rows       []rows // at most one per stream
	statements []string
	ddl, dml   bool
}

// addRows joins rows for one stream into one batch, since a body holds each lane at most once.
func (q *buffered) addRows(r rows) error {
	if q.ddl {
		return mixed()
	}
	q.dml = true
	i := slices.IndexFunc(q.rows, func(o rows) bool { return o.relation == r.relation })
	if i < 0 {
		if len(q.rows)+len(q.statements) == MaxBlockStatements {
			return blockFull()
		}
		q.rows = append(q.rows, r)
		return nil
	}
	into := &q.rows[i]
	if into.version != r.version {
		return &pgwire.Error{
			SQLState: "40001", Message: "the columns of the stream have changed since the block began",
		}
	}
	if into.n+r.n > int(tx.DefaultLimits().BatchRows) {
		return blockFull()
	}
	for c, v := range into.cols {
		joined := value.NewVec(v.Type, into.n+r.n)
		joined.AppendVec(v)
		joined.AppendVec(r.cols[c])
		into.cols[c] = joined
	}
	into.n += r.n
	return nil
}

func (q *buffered) addStatement(text string, ddl bool) error {
	if ddl && q.dml || !ddl && q.ddl {
		return mixed()
	}
	if len(q.rows)+len(q.statements) == MaxBlockStatements {
		return blockFull()
	}
	q.ddl, q.dml = q.ddl || ddl, q.dml || !ddl
	q.statements = append(q.statements, text)
	return nil
}

func mixed() error {
	return &pgwire.Error{
		SQLState: "25001",
		Message:  "a transaction block holds either DDL or changes of rows, not both",
		Hint:     "End the block between them.",
	}
}

func blockFull() error {
	return &pgwire.Error{
		SQLState: "54000",
		Message:  "the transaction block holds more than one transaction can carry",
	}
}
