package bind

import (
	"errors"
	"fmt"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// Limits of one statement beyond those of its text.
const (
	MaxFromItems  = 64      // relations read, with those inside CTEs counted per use; else 54001
	MaxParams     = 1024    // parameters; else 54000
	MaxSubqueries = 64      // subqueries in expressions; else 54001
	MaxCopied     = 4096    // nodes of plans that subqueries use again; else 54001
	MaxFieldBytes = 1 << 20 // types of records, for each part of an expression; else 54001
	MaxRepeated   = 65536   // expression nodes that rewriting BETWEEN, IN, CASE x repeats; else 54001
)

// SQLSTATEs that binding gives, with PostgreSQL's names.
const (
	stateUnsupported     = "0A000" // feature_not_supported
	stateNoTable         = "42P01" // undefined_table
	stateNoColumn        = "42703" // undefined_column
	stateNoParameter     = "42P02" // undefined_parameter
	stateNoObject        = "42704" // undefined_object
	stateAmbiguousColumn = "42702" // ambiguous_column
	stateDuplicateColumn = "42701" // duplicate_column
	stateDuplicateAlias  = "42712" // duplicate_alias
	stateDuplicateTable  = "42P07" // duplicate_table
	stateMismatch        = "42804" // datatype_mismatch
	stateGrouping        = "42803" // grouping_error
	stateSyntax          = "42601" // syntax_error
	stateWrongObject     = "42809" // wrong_object_type
	stateBadTable        = "42P16" // invalid_table_definition
	stateBadReference    = "42P10" // invalid_column_reference
	stateBadColumnCount  = "42P10"
	stateBadParameter    = "22023" // invalid_parameter_value
	stateBadLimit        = "2201W" // invalid_row_count_in_limit_clause
	stateBadOffset       = "2201X" // invalid_row_count_in_result_offset_clause
	stateTooComplex      = "54001" // statement_too_complex
	stateProgramLimit    = "54000" // program_limit_exceeded
	stateDependents      = "2BP01" // dependent_objects_still_exist
	stateIndeterminate   = "42P18" // indeterminate_datatype
	stateBadRecursion    = "42P19" // invalid_recursion
	stateWindowing       = "42P20" // windowing_error
	stateBadFrame        = "22013" // invalid_preceding_or_following_size
)

// binder is the state of binding one statement.
type binder struct {
	raw     *parse.Raw
	cat     *catalog.Catalog
	opts    Options
	params  []value.Type
	notices []Notice

	tidy     func(plan.Node) plan.Node // rewrites finished plans; nil: leaves them
	inView   bool                      // the query is a view's
	inInsert bool                      // VALUES may have DEFAULT
	now      bool                      // block time was read
	viewNows []int                     // where the query of a view reads it
	lateness int64                     // allowed_lateness of the view in microseconds; 0: none
	logical  plan.Node                 // the last finished plan, before it was rewritten
	called   bool                      // a function of the catalog was called
	function *catalog.Function         // whose body is bound; nil: none
	from     int                       // relations read so far
	repeated int                       // expression nodes repeated so far
	ctes     *cteScope

	outer      *scope     // what a query bound next sees around it
	outers     []outer    // what an expr.Outer stands for, by its ID
	copied     int        // nodes of plans used again so far
	subqueries int        // in expressions, so far
	recursion  *recursion // the recursive term that is being bound; nil: none

	markers  []string // names of FROM items that get a marker (see marked)
	unmarked []string // those that lack one

	histories map[*ast.RangeVar]*catalog.Relation // tables of temporal joins, read by versions
}

// Bind resolves a statement over a catalog and checks its types; tidy rewrites its plans (nil:
// they stay as they are). The error is a *parse.Error.
func Bind(
	raw parse.Raw, cat *catalog.Catalog, opts Options, tidy func(plan.Node) plan.Node,
) (Statement, error) {
	b := &binder{
		raw: &raw, cat: cat, opts: opts, tidy: tidy,
		params: append([]value.Type(nil), opts.ParamTypes...),
	}
	if len(b.params) > MaxParams {
		return nil, b.errorf(0, stateProgramLimit, "a statement has at most %d parameters", MaxParams)
	}
	st, err := b.statement()
	if len(b.unmarked) > 0 { // rows of a nullable side are asked for: again, with markers
		b = &binder{
			raw: &raw, cat: cat, opts: opts, tidy: tidy,
			params: append([]value.Type(nil), opts.ParamTypes...), markers: b.unmarked,
		}
		st, err = b.statement()
	}
	if err != nil {
		return nil, b.asError(err)
	}
	info := st.Common()
	info.Now, info.Notices, info.Functions = b.now, b.notices, b.called
	for i, t := range b.params {
		if t.Kind == value.Null {
			return nil, b.errorf(0, stateIndeterminate,
				"could not determine data type of parameter $%d", i+1)
		}
	}
	info.Params = b.params
	info.Unbound = len(b.params) > 0 && opts.Args == nil
	return st, nil
}

// errorf is a refusal at a byte offset of the text (0: nowhere).
func (b *binder) errorf(at int, state, format string, args ...any) *parse.Error {
	e := &parse.Error{SQLState: state, Message: fmt.Sprintf(format, args...)}
	if at > 0 {
		e.Position = b.raw.Position(at)
	}
	return e
}

// unsupported is the refusal of something that SQL has and Weir does not.
func (b *binder) unsupported(at int, what, hint string) error {
	e := b.errorf(at, stateUnsupported, "%s not supported", what)
	e.Hint = hint
	return e
}

// at places the error of a lower package at a byte offset.
func (b *binder) at(offset int, err error) error {
	var place *parse.Error
	if errors.As(err, &place) {
		return err
	}
	e := b.asError(err)
	if offset > 0 {
		e.Position = b.raw.Position(offset)
	}
	return e
}

// asError gives any refusal the form of the front end.
func (b *binder) asError(err error) *parse.Error {
	var own *parse.Error
	var val *value.Error
	var cat *catalog.Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &val):
		return &parse.Error{SQLState: val.SQLState, Message: val.Msg}
	case errors.As(err, &cat):
		return &parse.Error{SQLState: cat.SQLState, Message: cat.Message, Hint: cat.Hint}
	default:
		return &parse.Error{SQLState: stateTooComplex, Message: err.Error()}
	}
}

func (b *binder) notice(state, message, hint string) {
	b.notices = append(b.notices, Notice{SQLState: state, Message: message, Hint: hint})
}

// finished checks a plan and rewrites it: only limits can fail.
func (b *binder) finished(n plan.Node) (plan.Node, error) {
	if err := plan.Check(n); errors.Is(err, plan.ErrColumns) {
		return nil, b.errorf(0, "54011", "a query can have at most %d columns", plan.MaxColumns)
	} else if err != nil {
		return nil, b.errorf(0, stateTooComplex, "the statement cannot be planned: %v", err)
	}
	if err := b.fieldTypes(n); err != nil {
		return nil, err
	}
	b.logical = n
	if b.tidy == nil {
		return n, nil
	}
	n = b.tidy(n)
	if err := b.fieldTypes(n); err != nil {
		return nil, err
	}
	err := plan.Check(n)
	invariant.Check(err == nil, "rewriting broke a plan: %v", err)
	return n, nil
}

// statement binds by kind.
func (b *binder) statement() (Statement, error) {
	c := &b.raw.Clauses
	if c.Alter != nil {
		return b.alterView(c.Alter)
	}
	if c.Erase != nil {
		return b.erase(c.Erase)
	}
	if err := b.strayClauses(); err != nil {
		return nil, err
	}
	switch s := b.raw.Tree.(type) {
	case *ast.SelectStmt:
		return b.selectStatement(s)
	case *ast.InsertStmt:
		return b.insert(s)
	case *ast.UpdateStmt:
		return b.update(s)
	case *ast.DeleteStmt:
		return b.deleteRow(s)
	case *ast.CreateStmt:
		if c.Stream {
			return b.createStream(s)
		}
		return b.createTable(s)
	case *ast.CreateTableAsStmt:
		return b.createView(s)
	case *ast.ViewStmt:
		return nil, b.unsupported(b.raw.Offset, "CREATE VIEW is",
			"Use CREATE MATERIALIZED VIEW: its rows are kept up to date and can be proven.")
	case *ast.CreateFunctionStmt:
		return b.createFunction(s)
	case *ast.AlterTableStmt:
		return b.alterTable(s)
	case *ast.IndexStmt:
		return b.createIndex(s)
	case *ast.DropStmt:
		return b.drop(s)
	case *ast.ExplainStmt:
		return b.explain(s)
	case *ast.GrantStmt:
		return b.grant(s)
	default:
		return b.session(b.raw.Tree)
	}
}

// strayClauses refuses streaming clauses on statements that cannot have them.
func (b *binder) strayClauses() error {
	c := &b.raw.Clauses
	tree := b.raw.Tree
	if e, ok := tree.(*ast.ExplainStmt); ok {
		if q, ok := e.Query.(ast.Stmt); ok {
			tree = q
		}
	}
	_, isSelect := tree.(*ast.SelectStmt)
	_, isCreate := tree.(*ast.CreateStmt)
	_, isView := tree.(*ast.CreateTableAsStmt)
	_, isGrant := tree.(*ast.GrantStmt)
	switch {
	case c.AsOf != nil && !isSelect:
		return b.errorf(0, stateSyntax, "AS OF HEIGHT belongs to a query")
	case c.EmitOnClose && !isView:
		return b.errorf(c.EmitAt, stateSyntax,
			"EMIT ON WINDOW CLOSE belongs to CREATE MATERIALIZED VIEW")
	case len(c.Watermarks) > 0 && !(isCreate && c.Stream):
		return b.errorf(c.Watermarks[0].Column.At, stateBadTable, "only a stream has a watermark")
	case c.OrReplace && !isView:
		return b.errorf(0, stateSyntax, "OR REPLACE belongs to CREATE MATERIALIZED VIEW")
	case c.Writers != nil && !isGrant:
		return b.errorf(c.Writers[0].At, stateSyntax, "WRITERS belongs to GRANT")
	}
	return nil
}
