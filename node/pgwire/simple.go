package pgwire

import (
	"context"

	"github.com/jackc/pgx/v5/pgproto3"

	"weir/stream/value"
)

// simple serves a Query message: its statements in order, up to the first that fails.
func (c *conn) simple(sql string) error {
	c.closePortal("")
	delete(c.statements, "")
	if err := c.simpleStatements(sql); err != nil {
		if err := c.report(err); err != nil {
			return err
		}
	}
	c.endStatement()
	return c.ready()
}

func (c *conn) simpleStatements(sql string) error {
	if err := value.CheckText(sql); err != nil {
		return err
	}
	statements, err := c.session.Split(sql)
	if err != nil {
		return err
	}
	if len(statements) == 0 {
		return c.out.send(&pgproto3.EmptyQueryResponse{})
	}
	for _, s := range statements {
		if err := c.simpleStatement(s.SQL); err != nil {
			return shifted(err, sql[:s.Offset])
		}
	}
	return nil
}

func (c *conn) simpleStatement(sql string) error {
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	var tag string
	var copied bool
	var err error
	c.cancelable(cancel, func() {
		var p Prepared
		if p, err = c.session.Prepare(ctx, sql, nil); err != nil {
			return
		}
		if len(p.Params()) > 0 {
			err = errorf(stateNoParameter, "there is no parameter $1")
			return
		}
		w := &resultWriter{
			ctx: ctx, out: c.out, columns: p.Columns(),
			formats: make([]int16, len(p.Columns())),
		}
		switch {
		case copiesOut(p):
			err = w.beginCopy()
		case len(w.columns) > 0:
			err = c.out.send(rowDescription(w.columns, w.formats))
		}
		if err == nil {
			tag, err = p.Execute(ctx, nil, w)
		}
		copied = w.copy
	})
	if err != nil {
		return err
	}
	return c.complete(tag, copied)
}

// complete ends a statement that has succeeded.
func (c *conn) complete(tag string, copied bool) error {
	if copied {
		if err := c.out.send(&pgproto3.CopyDone{}); err != nil {
			return err
		}
	}
	return c.out.send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
}

func rowDescription(columns []Column, formats []int16) *pgproto3.RowDescription {
	d := &pgproto3.RowDescription{Fields: make([]pgproto3.FieldDescription, len(columns))}
	for i, col := range columns {
		info := infoOf(col.Type)
		d.Fields[i] = pgproto3.FieldDescription{
			Name: []byte(col.Name), DataTypeOID: info.oid, DataTypeSize: info.size,
			TypeModifier: typeModifier(col.Type), Format: formats[i],
		}
	}
	return d
}
