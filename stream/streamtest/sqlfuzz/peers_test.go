package sqlfuzz_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	_ "modernc.org/sqlite"

	"weir/stream/streamtest/sqlfuzz"
)

// truncate empties the tables of every system.
const truncate = "DELETE FROM t0; DELETE FROM t1; DELETE FROM t2"

// lite is SQLite in this process.
type lite struct{ db *sql.DB }

func newLite(t *testing.T) sqlfuzz.Peer {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec(sqlfuzz.Schema()); err != nil {
		t.Fatal(err)
	}
	return lite{db}
}

func (lite) Name() string { return "sqlite" }

func (l lite) Reset() error {
	_, err := l.db.Exec(truncate)
	return err
}

func (l lite) Apply(step []sqlfuzz.Change) error {
	_, err := l.db.Exec(statements(step))
	return err
}

func (l lite) Query(text string) (out []string, err error) {
	rows, err := l.db.Query(text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return nil, err
		}
		line := make([]*string, len(vals))
		for i, v := range vals {
			if v != nil {
				s := fmt.Sprint(v)
				line[i] = &s
			}
		}
		out = append(out, sqlfuzz.Line(line))
	}
	return out, rows.Err()
}

// server is a PostgreSQL.
type server struct{ c *pgconn.PgConn }

func newServer(t *testing.T, c *pgconn.PgConn) sqlfuzz.Peer {
	s := server{c}
	if _, err := s.Query(sqlfuzz.Schema()); err != nil {
		t.Fatal(err)
	}
	return s
}

func (server) Name() string { return "postgres" }

func (s server) Reset() error {
	_, err := s.Query(truncate)
	return err
}

func (s server) Apply(step []sqlfuzz.Change) error {
	_, err := s.Query(statements(step))
	return err
}

func (s server) Query(text string) (out []string, err error) {
	results, err := s.c.Exec(context.Background(), text).ReadAll()
	if err != nil {
		return nil, err
	}
	for _, row := range results[len(results)-1].Rows {
		line := make([]*string, len(row))
		for i, v := range row {
			if v != nil {
				text := string(v)
				line[i] = &text
			}
		}
		out = append(out, sqlfuzz.Line(line))
	}
	return out, nil
}

func statements(step []sqlfuzz.Change) string {
	var b strings.Builder
	for _, ch := range step {
		b.WriteString(ch.Statements())
	}
	return b.String()
}
