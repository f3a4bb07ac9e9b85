package pgwire

import (
	"context"

	"github.com/jackc/pgx/v5/pgproto3"

	"weir/stream/value"
)

// statement is a prepared statement of the extended protocol.
type statement struct {
	name     string
	prepared Prepared // nil for an empty query string
	params   []value.Type
	columns  []Column
	copies   bool // rows leave as COPY data
	hints    []uint32
	before   string // what the client sent ahead of the statement
}

func (c *conn) parse(m *pgproto3.Parse) error {
	if m.Name == "" {
		delete(c.statements, "")
	} else if c.statements[m.Name] != nil {
		return errorf(stateDuplicate, "prepared statement %q already exists", m.Name)
	}
	if len(c.statements) >= c.server.config.Limits.Statements {
		return errorf(stateTooMany, "session has %d prepared statements, the limit",
			len(c.statements))
	}
	for _, text := range []string{m.Name, m.Query} {
		if err := value.CheckText(text); err != nil {
			return err
		}
	}
	parts, err := c.session.Split(m.Query)
	if err != nil {
		return err
	}
	if len(parts) > 1 {
		return errorf(stateSyntax, "cannot insert multiple commands into a prepared statement")
	}
	s := &statement{name: m.Name, hints: append([]uint32(nil), m.ParameterOIDs...)}
	if len(parts) == 1 {
		s.before = m.Query[:parts[0].Offset]
		ctx, cancel := context.WithCancel(c.ctx)
		defer cancel()
		c.cancelable(cancel, func() {
			s.prepared, err = c.session.Prepare(ctx, parts[0].SQL, s.hints)
		})
		if err != nil {
			return shifted(err, s.before)
		}
		s.params, s.columns = s.prepared.Params(), s.prepared.Columns()
		s.copies = copiesOut(s.prepared)
	}
	c.statements[m.Name] = s
	return c.out.send(&pgproto3.ParseComplete{})
}

func (c *conn) bind(m *pgproto3.Bind) error {
	s, err := c.statement(m.PreparedStatement)
	if err != nil {
		return err
	}
	if m.DestinationPortal == "" {
		c.closePortal("")
	} else if c.portals[m.DestinationPortal] != nil {
		return errorf(stateDuplicatePortal, "cursor %q already exists", m.DestinationPortal)
	}
	if len(c.portals) >= c.server.config.Limits.Portals {
		return errorf(stateTooMany, "session has %d portals, the limit", len(c.portals))
	}
	if len(m.Parameters) != len(s.params) {
		return errorf(stateProtocol,
			"bind message supplies %d parameters, but prepared statement %q requires %d",
			len(m.Parameters), m.PreparedStatement, len(s.params))
	}
	p := &portal{name: m.DestinationPortal, statement: s}
	p.args, err = parseParams(s.params, m.ParameterFormatCodes, m.Parameters,
		c.server.config.ParseText)
	if err != nil {
		return err
	}
	if p.formats, err = formats(m.ResultFormatCodes, len(s.columns), "result"); err != nil {
		return err
	}
	c.portals[p.name] = p
	return c.out.send(&pgproto3.BindComplete{})
}

func (c *conn) describe(m *pgproto3.Describe) error {
	if m.ObjectType == 'P' {
		p, err := c.portal(m.Name)
		if err != nil {
			return err
		}
		return c.describeRows(p.statement, p.formats)
	}
	s, err := c.statement(m.Name)
	if err != nil {
		return err
	}
	oids := make([]uint32, len(s.params))
	for i, t := range s.params {
		oids[i] = OID(t)
		if i < len(s.hints) && s.hints[i] != 0 {
			if h, ok := TypeByOID(s.hints[i]); ok && h.Kind == t.Kind && h.Elem == t.Elem {
				oids[i] = s.hints[i] // varchar stays varchar
			}
		}
	}
	if err := c.out.send(&pgproto3.ParameterDescription{ParameterOIDs: oids}); err != nil {
		return err
	}
	return c.describeRows(s, make([]int16, len(s.columns)))
}

func (c *conn) describeRows(s *statement, formats []int16) error {
	if len(s.columns) == 0 || s.copies {
		return c.out.send(&pgproto3.NoData{})
	}
	return c.out.send(rowDescription(s.columns, formats))
}

func (c *conn) execute(m *pgproto3.Execute) error {
	p, err := c.portal(m.Portal)
	if err != nil {
		return err
	}
	if p.statement.prepared == nil {
		return c.out.send(&pgproto3.EmptyQueryResponse{})
	}
	if p.finished {
		return errorf(stateWrongState, "portal %q cannot be run", p.name)
	}
	var suspended bool
	p.start(c)
	limit := int(m.MaxRows)
	if p.statement.copies { // PostgreSQL's COPY knows no suspension either
		limit = 0
		if err := p.writer.beginCopy(); err != nil {
			return err
		}
	}
	c.cancelable(p.cancel, func() { suspended = p.run(limit) })
	if suspended {
		return c.out.send(&pgproto3.PortalSuspended{})
	}
	if p.err != nil {
		return shifted(p.err, p.statement.before)
	}
	return c.complete(p.tag, p.statement.copies)
}

// close drops a statement or portal; one that is not there is no error.
func (c *conn) close(m *pgproto3.Close) error {
	if m.ObjectType == 'P' {
		c.closePortal(m.Name)
	} else {
		delete(c.statements, m.Name)
	}
	return c.out.send(&pgproto3.CloseComplete{})
}

func (c *conn) sync() error {
	c.skipping = false
	c.endStatement()
	return c.ready()
}

// endStatement ends what lives only as long as a transaction.
func (c *conn) endStatement() {
	if c.session.TxStatus() != TxBlock {
		c.closePortals()
	}
}

func (c *conn) statement(name string) (*statement, error) {
	if s := c.statements[name]; s != nil {
		return s, nil
	}
	if name == "" {
		return nil, errorf(stateNoStatement, "unnamed prepared statement does not exist")
	}
	return nil, errorf(stateNoStatement, "prepared statement %q does not exist", name)
}

func (c *conn) portal(name string) (*portal, error) {
	if p := c.portals[name]; p != nil {
		return p, nil
	}
	return nil, errorf(stateNoPortal, "portal %q does not exist", name)
}

func (c *conn) closePortal(name string) {
	if p := c.portals[name]; p != nil {
		delete(c.portals, name)
		p.close()
	}
}

func (c *conn) closePortals() {
	for name := range c.portals {
		c.closePortal(name)
	}
}
