package bind

import (
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// Statement is a bound statement: names are resolved, types are checked, nothing has run.
type Statement interface {
	// Tag is the command tag without counts, such as "SELECT" or "CREATE MATERIALIZED VIEW".
	Tag() string
	// Common is what every statement says of itself.
	Common() *Info
	isStatement()
}

// Notice is a message that does not stop the statement, for the session to pass on.
type Notice struct {
	SQLState, Message, Detail, Hint string
}

// Info is what every statement says of itself.
type Info struct {
	// Params are the types of $1, $2, ... as declared or inferred.
	Params []value.Type
	// Unbound: the statement has parameters and was bound without values for them. It can be
	// described, not run: its parameters stand as typed NULLs.
	Unbound bool
	Notices []Notice
	// Now: the statement reads block time through now() or its relatives.
	Now bool
	// Functions: the statement has taken over bodies of functions of the catalog.
	Functions bool
}

// Common implements Statement.
func (i *Info) Common() *Info { return i }

// CreateStream defines a stream.
type CreateStream struct {
	Info
	// Relation has no ID yet: catalog.Create gives it, and those of its derived relations.
	Relation *catalog.Relation
	Exists   bool // IF NOT EXISTS and the name is taken: nothing to do
}

// CreateTable defines a keyed table.
type CreateTable struct {
	Info
	Relation *catalog.Relation // as in CreateStream
	Exists   bool
}

// CreateView defines a materialised view.
type CreateView struct {
	Info
	Relation *catalog.Relation // as in CreateStream; Plan and PlanHash are those of Plan
	Plan     plan.Node
	Exists   bool
	// Replaces: OR REPLACE of a view that there is. Relation has its id then, and its next
	// version; views that read it keep their plans.
	Replaces bool
	Retained bool // FROM RETAINED: its inputs may have forgotten rows
}

// AlterTable gives a stream or a table more columns, or a stream another retention.
type AlterTable struct {
	Info
	// Relation is its next definition, with its id; nil: there is nothing to do.
	Relation *catalog.Relation
	Stream   bool
}

// CreateFunction defines a function.
type CreateFunction struct {
	Info
	Function *catalog.Function // without an ID: catalog.CreateFunction gives it
	Replaces uint32            // id of the function that it replaces, 0: none
}

// DropFunction removes functions.
type DropFunction struct {
	Info
	Functions []uint32
}

// CreateIndex defines an index.
type CreateIndex struct {
	Info
	Index  *catalog.Index // without an ID: catalog.CreateIndex gives it
	Exists bool           // IF NOT EXISTS and the name is taken: nothing to do, and no Index
}

// DropIndex removes indexes.
type DropIndex struct {
	Info
	Indexes []uint32
}

// Drop removes relations with all that derives from them.
type Drop struct {
	Info
	Kind      catalog.Kind // Stream, Table or View
	Relations []uint32     // in an order in which each can be dropped: dependents first
}

// Insert adds rows to a stream or a table.
type Insert struct {
	Info
	Target uint32
	Name   string
	Kind   catalog.Kind // Stream or Table
	// Source yields the rows: exactly the target's visible columns, in order, already cast. Hidden
	// ones may stand behind them, to order by.
	Source plan.Node
	// Rows are the rows of VALUES in written order: an expression per visible column, over no
	// columns. nil: the rows are those of Source, in the order of a query's answer.
	Rows      [][]expr.Expr
	Conflict  *Conflict  // ON CONFLICT; nil: an error
	Returning *Returning // nil: no rows are asked for
}

// Conflict says what INSERT does with a row whose primary key is taken.
type Conflict struct {
	// Set is the new row: one expression per visible column, over the stored row's visible
	// columns and then those of the row that was to be inserted (EXCLUDED). nil: DO NOTHING.
	Set   []expr.Expr
	Where expr.Expr // over the same columns; nil: always
}

// Returning is what a statement gives back of each row that it inserts, changes (the new row) or
// deletes (the old one).
type Returning struct {
	Exprs   []expr.Expr // over the visible row and what Source has behind it
	Columns []plan.Field
}

// Update changes rows of a table.
type Update struct {
	Info
	Target uint32
	Name   string
	// Key names one row: constant expressions, one per column of the relation's key, in key
	// order. nil: every row that Where takes.
	Key       []expr.Expr
	Where     expr.Expr   // predicate over the visible row beside Key; nil: none
	Set       []expr.Expr // the new row: one expression per visible column, over the visible row
	Returning *Returning
	// Source finds the rows where FROM or subqueries say which, instead of Key, Where and Set: the
	// visible row, the new row, and, for Returning, columns of FROM. A row is there once.
	Source plan.Node
}

// Delete removes rows of a table.
type Delete struct {
	Info
	Target    uint32
	Name      string
	Key       []expr.Expr // as in Update
	Where     expr.Expr   // as in Update
	Returning *Returning
	Source    plan.Node // as in Update, without a new row
}

// Select is a query.
type Select struct {
	Info
	Plan    plan.Node
	Columns []plan.Field // what the client sees: the visible fields of Plan
	AsOf    *uint64      // AS OF HEIGHT h
}

// Explain shows the plan of a query, an INSERT or a view that a statement would create, or a view
// as it runs.
type Explain struct {
	Info
	What    ExplainWhat
	Format  ExplainFormat
	Logical plan.Node // as bound; nil if there is nothing to show
	Plan    plan.Node // as rewritten, which is what runs
	View    uint32    // ExplainRunning: the view
	Query   bool      // Plan is that of a query
	Analyze bool      // run the query and count
	// Text is what a plan in text form prints, lines separated by \n; "" for what only who runs
	// plans can draw.
	Text string
}

// ExplainWhat says which form of a plan EXPLAIN shows.
type ExplainWhat uint8

// The forms.
const (
	ExplainPlans     ExplainWhat = iota // the plan as bound and as rewritten
	ExplainLogical                      // as bound
	ExplainRewritten                    // as rewritten
	ExplainCircuit                      // the circuit that the plan compiles to
	ExplainRunning                      // the circuit of a view with its state
)

// ExplainFormat says how EXPLAIN shows it.
type ExplainFormat uint8

// The formats.
const (
	FormatText ExplainFormat = iota
	FormatDOT
	FormatJSON
)

// Privilege is a right that GRANT gives.
type Privilege uint8

// The privileges.
const (
	PrivInsert Privilege = 1
	PrivSelect Privilege = 2
	PrivUpdate Privilege = 3
	PrivDelete Privilege = 4
)

// Grant gives rights on a relation to a role.
type Grant struct {
	Info
	Relation   uint32
	Name       string
	Role       string
	Privileges []Privilege // ascending, without repeats
	Writers    []string    // GRANT INSERT ... WRITERS (...): sorted, without repeats; nil: none named
}

// AlterView suspends or resumes a materialised view.
type AlterView struct {
	Info
	View     uint32
	Name     string
	Resume   bool // false: suspend
	Cascade  bool // RESUME ... CASCADE: suspended inputs first
	Retained bool // RESUME ... FROM RETAINED: its inputs may have forgotten rows
}

// Erase takes rows out of a stream for good.
type Erase struct {
	Info
	Stream      uint32
	Name        string
	First, Last uint64 // offsets, both inclusive
	Within      int64  // microseconds from block time to the deadline; 0: at once
}

// Begin opens a transaction block.
type Begin struct{ Info }

// Commit ends a transaction block and submits it.
type Commit struct{ Info }

// Rollback ends a transaction block and forgets it.
type Rollback struct{ Info }

// Set changes a session variable. Value is the text of its arguments joined by ", ".
type Set struct {
	Info
	Name, Value string
	Reset       bool // RESET name, SET name TO DEFAULT; Name "all": every variable
	Local       bool
}

// Show reads a session variable; "all" reads every one.
type Show struct {
	Info
	Name string
}

// Discard forgets session state. What is "ALL", "PLANS", "SEQUENCES" or "TEMP".
type Discard struct {
	Info
	What string
}

// Deallocate forgets a prepared statement.
type Deallocate struct {
	Info
	Name string
	All  bool
}

// Tag implements Statement.
func (*CreateStream) Tag() string { return "CREATE STREAM" }

// Tag implements Statement.
func (*CreateTable) Tag() string { return "CREATE TABLE" }

// Tag implements Statement.
func (*CreateView) Tag() string { return "CREATE MATERIALIZED VIEW" }

// Tag implements Statement.
func (s *Drop) Tag() string {
	switch s.Kind {
	case catalog.Stream:
		return "DROP STREAM"
	case catalog.View:
		return "DROP MATERIALIZED VIEW"
	default:
		return "DROP TABLE"
	}
}

// Tag implements Statement.
func (s *AlterTable) Tag() string {
	if s.Stream {
		return "ALTER STREAM"
	}
	return "ALTER TABLE"
}

// Tag implements Statement.
func (*CreateFunction) Tag() string { return "CREATE FUNCTION" }

// Tag implements Statement.
func (*DropFunction) Tag() string { return "DROP FUNCTION" }

// Tag implements Statement.
func (*CreateIndex) Tag() string { return "CREATE INDEX" }

// Tag implements Statement.
func (*DropIndex) Tag() string { return "DROP INDEX" }

// Tag implements Statement.
func (*Insert) Tag() string { return "INSERT" }

// Tag implements Statement.
func (*Update) Tag() string { return "UPDATE" }

// Tag implements Statement.
func (*Delete) Tag() string { return "DELETE" }

// Tag implements Statement.
func (*Select) Tag() string { return "SELECT" }

// Tag implements Statement.
func (*Explain) Tag() string { return "EXPLAIN" }

// Tag implements Statement.
func (*Grant) Tag() string { return "GRANT" }

// Tag implements Statement.
func (*AlterView) Tag() string { return "ALTER MATERIALIZED VIEW" }

// Tag implements Statement.
func (*Erase) Tag() string { return "ERASE" }

// Tag implements Statement.
func (*Begin) Tag() string { return "BEGIN" }

// Tag implements Statement.
func (*Commit) Tag() string { return "COMMIT" }

// Tag implements Statement.
func (*Rollback) Tag() string { return "ROLLBACK" }

// Tag implements Statement.
func (s *Set) Tag() string {
	if s.Reset {
		return "RESET"
	}
	return "SET"
}

// Tag implements Statement.
func (*Show) Tag() string { return "SHOW" }

// Tag implements Statement.
func (s *Discard) Tag() string { return "DISCARD " + s.What }

// Tag implements Statement.
func (*Deallocate) Tag() string { return "DEALLOCATE" }

func (*CreateStream) isStatement()   {}
func (*CreateTable) isStatement()    {}
func (*CreateView) isStatement()     {}
func (*AlterTable) isStatement()     {}
func (*CreateFunction) isStatement() {}
func (*DropFunction) isStatement()   {}
func (*CreateIndex) isStatement()    {}
func (*DropIndex) isStatement()      {}
func (*Drop) isStatement()           {}
func (*Insert) isStatement()         {}
func (*Update) isStatement()         {}
func (*Delete) isStatement()         {}
func (*Select) isStatement()         {}
func (*Explain) isStatement()        {}
func (*Grant) isStatement()          {}
func (*AlterView) isStatement()      {}
func (*Erase) isStatement()          {}
func (*Begin) isStatement()          {}
func (*Commit) isStatement()         {}
func (*Rollback) isStatement()       {}
func (*Set) isStatement()            {}
func (*Show) isStatement()           {}
func (*Discard) isStatement()        {}
func (*Deallocate) isStatement()     {}
