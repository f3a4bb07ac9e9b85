package pgwire

import (
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// maxNegotiations bounds the encryption requests before a startup message.
const maxNegotiations = 4

// startup brings the connection up to its first ReadyForQuery. ok is false when there is
// nothing to serve, as after a CancelRequest.
func (c *conn) startup() (ok bool, err error) {
	for range maxNegotiations {
		m, err := c.messages.ReceiveStartupMessage()
		if err != nil {
			return false, receiveError(err)
		}
		switch m := m.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			c.out.buf = append(c.out.buf, 'N')
			if err := c.out.flush(); err != nil {
				return false, err
			}
		case *pgproto3.CancelRequest:
			c.server.cancelQuery(m.ProcessID, m.SecretKey)
			return false, nil
		case *pgproto3.StartupMessage:
			return true, c.open(m)
		}
	}
	return false, fatalf(stateProtocol, "too many encryption requests")
}

// open answers a startup message and gets the session.
func (c *conn) open(m *pgproto3.StartupMessage) error {
	p := StartupParams{
		User: m.Parameters["user"], Database: m.Parameters["database"],
		ApplicationName: m.Parameters["application_name"], Options: maps.Clone(m.Parameters),
	}
	if p.User == "" {
		return fatalf(stateNoUser, "no PostgreSQL user name specified in startup packet")
	}
	if p.Database == "" {
		p.Database = p.User
	}
	if err := c.negotiate(m); err != nil {
		return err
	}
	if err := c.server.register(c); err != nil {
		return err
	}
	session, err := c.server.config.Backend.NewSession(c.ctx, p)
	if err != nil {
		c.server.unregister(c)
		e := *wireError(err)
		e.Severity = severityFatal
		return &e
	}
	c.session = session
	return c.greet(p)
}

// negotiate tells clients that asked for more than version 3.0 what they get.
func (c *conn) negotiate(m *pgproto3.StartupMessage) error {
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(m.Parameters)) {
		if strings.HasPrefix(name, "_pq_.") {
			unknown = append(unknown, name)
		}
	}
	if m.ProtocolVersion == pgproto3.ProtocolVersion30 && len(unknown) == 0 {
		return nil
	}
	return c.out.send(&pgproto3.NegotiateProtocolVersion{
		NewestMinorProtocol: pgproto3.ProtocolVersion30, UnrecognizedOptions: unknown,
	})
}

func (c *conn) greet(p StartupParams) error {
	messages := []pgproto3.BackendMessage{&pgproto3.AuthenticationOk{}}
	for _, s := range [][2]string{
		{"application_name", p.ApplicationName},
		{"client_encoding", "UTF8"},
		{"DateStyle", "ISO, MDY"},
		{"default_transaction_read_only", "off"},
		{"in_hot_standby", "off"},
		{"integer_datetimes", "on"},
		{"IntervalStyle", "postgres"},
		{"is_superuser", "off"},
		{"server_encoding", "UTF8"},
		{"server_version", strings.TrimSpace("15.0 (Weir "+c.server.config.Version) + ")"},
		{"session_authorization", p.User},
		{"standard_conforming_strings", "on"},
		{"TimeZone", "UTC"},
	} {
		messages = append(messages, &pgproto3.ParameterStatus{Name: s[0], Value: s[1]})
	}
	messages = append(messages,
		&pgproto3.BackendKeyData{ProcessID: c.pid, SecretKey: c.secret[:]})
	for _, m := range messages {
		if err := c.out.send(m); err != nil {
			return err
		}
	}
	return c.ready()
}
