package sql

import (
	"weir/stream/catalog"
	"weir/stream/sql/bind"
	"weir/stream/sql/parse"
	"weir/stream/sql/rewrite"
)

// Error is a refused statement: an SQLSTATE, one clear sentence, and where in the text.
type Error = parse.Error

// Raw is one parsed statement; its names mean nothing yet.
type Raw = parse.Raw

// Options say how a statement is bound: declared types and values of its parameters.
type Options = bind.Options

// The bound statements.
type (
	Statement      = bind.Statement
	Notice         = bind.Notice
	Info           = bind.Info
	CreateStream   = bind.CreateStream
	CreateTable    = bind.CreateTable
	CreateView     = bind.CreateView
	AlterTable     = bind.AlterTable
	CreateFunction = bind.CreateFunction
	DropFunction   = bind.DropFunction
	CreateIndex    = bind.CreateIndex
	DropIndex      = bind.DropIndex
	Drop           = bind.Drop
	Insert         = bind.Insert
	Conflict       = bind.Conflict
	Returning      = bind.Returning
	Update         = bind.Update
	Delete         = bind.Delete
	Select         = bind.Select
	ExplainWhat    = bind.ExplainWhat
	ExplainFormat  = bind.ExplainFormat
	Explain        = bind.Explain
	Grant          = bind.Grant
	Privilege      = bind.Privilege
	AlterView      = bind.AlterView
	Erase          = bind.Erase
	Begin          = bind.Begin
	Commit         = bind.Commit
	Rollback       = bind.Rollback
	Set            = bind.Set
	Show           = bind.Show
	Discard        = bind.Discard
	Deallocate     = bind.Deallocate
)

// What EXPLAIN shows, and how.
const (
	ExplainPlans     = bind.ExplainPlans
	ExplainLogical   = bind.ExplainLogical
	ExplainRewritten = bind.ExplainRewritten
	ExplainCircuit   = bind.ExplainCircuit
	ExplainRunning   = bind.ExplainRunning
	FormatText       = bind.FormatText
	FormatDOT        = bind.FormatDOT
	FormatJSON       = bind.FormatJSON
)

// The privileges.
const (
	PrivInsert = bind.PrivInsert
	PrivSelect = bind.PrivSelect
	PrivUpdate = bind.PrivUpdate
	PrivDelete = bind.PrivDelete
)

// Parse splits a text into its statements and parses each. Empty statements are left out. The
// error is a *Error (42601 for syntax, 54000 and 54001 beyond a limit, 22021 for bad UTF-8).
func Parse(text string) ([]Raw, error) {
	return parse.Parse(text)
}

// Inline replaces parameters by literals; see parse.Inline.
func Inline(text string, literals []string) (string, error) {
	return parse.Inline(text, literals)
}

// Bind resolves a statement over a catalog, checks its types and rewrites its plan. It changes
// nothing. The error is a *Error.
func Bind(raw Raw, cat *catalog.Catalog, opts Options) (Statement, error) {
	return bind.Bind(raw, cat, opts, rewrite.Apply)
}
