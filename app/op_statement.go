package app

import (
	"errors"

	"weir/app/tx"
	"weir/stream/catalog"
	"weir/stream/sql"
)

// checkStatement parses, binds and judges one SQL statement of a body. DML is applied to the
// overlays of its tables; DDL is staged in ddl, which the first DDL statement of a body makes.
func (b *block) checkStatement(t *tx.Tx, text string, ddl *ddlEffect) (effect, *ddlEffect,
	*tx.Reject,
) {
	cat := b.x.cat
	if ddl != nil {
		cat = ddl.cat
	}
	stmt, rej := bindOne(text, cat, t.Header.GetRole())
	if rej != nil {
		return nil, nil, rej
	}
	switch s := stmt.(type) {
	case *sql.Insert:
		e, rej := b.insert(t, s)
		return e, ddl, rej
	case *sql.Update:
		e, rej := b.update(t, s)
		return e, ddl, rej
	case *sql.Delete:
		e, rej := b.deleteRow(t, s)
		return e, ddl, rej
	}
	if ddl == nil {
		if rej := b.mayDefine(); rej != nil {
			return nil, nil, rej
		}
		ddl = newDDL(b)
	}
	e, rej := ddl.add(b, t, stmt)
	return e, ddl, rej
}

// bindOne parses and binds a text that must hold exactly one statement.
func bindOne(text string, cat *catalog.Catalog, role string) (sql.Statement, *tx.Reject) {
	raws, err := sql.Parse(text)
	if err != nil {
		return nil, sqlReject(err)
	}
	if len(raws) != 1 {
		return nil, tx.RejectSQL("42601", "a transaction's statement must be exactly one statement")
	}
	stmt, err := sql.Bind(raws[0], cat, sql.Options{Role: role})
	if err != nil {
		return nil, sqlReject(err)
	}
	if stmt.Common().Unbound {
		return nil, tx.RejectSQL("08P01", "a transaction's statement may not have parameters")
	}
	return stmt, nil
}

// sqlReject turns a refusal of the SQL front end into that of its transaction.
func sqlReject(err error) *tx.Reject {
	if e, ok := errors.AsType[*sql.Error](err); ok {
		rej := tx.RejectSQL(e.SQLState, e.Message)
		rej.Detail, rej.Hint = e.Detail, e.Hint
		return rej
	}
	if e, ok := errors.AsType[*catalog.Error](err); ok {
		rej := tx.RejectSQL(e.SQLState, e.Message)
		rej.Hint = e.Hint
		return rej
	}
	return tx.Rejectf(tx.CodeInternal, "the statement met an internal error")
}
