package sql_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// newPostgres runs a private PostgreSQL 15 on a socket in a temporary directory, or skips.
func newPostgres(t *testing.T) *pgconn.PgConn {
	if testing.Short() {
		t.Skip("a PostgreSQL server takes seconds to start")
	}
	bin := postgresDir(t)
	dir, err := os.MkdirTemp("", "weirsql")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = dir
		if os.Getuid() == 0 { // which PostgreSQL refuses
			cmd.SysProcAttr = &syscall.SysProcAttr{
				Credential: &syscall.Credential{Uid: 65534, Gid: 65534},
			}
		}
		return cmd
	}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Skipf("root without the right to change owners: %v", err)
		}
	}
	data := filepath.Join(dir, "data")
	if out, err := run("initdb", "-D", data, "-U", "weir", "-A", "trust", "--locale=C",
		"--encoding=UTF8", "--no-sync").CombinedOutput(); err != nil {
		t.Skipf("initdb: %v\n%s", err, out)
	}
	server := run("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "timezone=UTC")
	var log bytes.Buffer
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Skipf("postgres: %v", err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
	})
	for range 100 {
		c, err := pgconn.Connect(context.Background(), "host="+dir+" user=weir dbname=postgres")
		if err == nil {
			t.Cleanup(func() { _ = c.Close(context.Background()) })
			return c
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("postgres does not answer:\n%s", log.String())
	return nil
}

// postgresDir returns the directory of a PostgreSQL 15, or skips.
func postgresDir(t *testing.T) string {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, d := range append(dirs, "/usr/lib/postgresql/15/bin") {
		_, err := os.Stat(filepath.Join(d, "initdb"))
		version, _ := exec.Command(filepath.Join(d, "postgres"), "--version").Output()
		if err == nil && strings.Contains(string(version), " 15.") {
			return d
		}
	}
	t.Skip("no PostgreSQL 15 here")
	return ""
}

// postgres is a PostgreSQL as a judge of queries.
type postgres struct{ conn *pgconn.PgConn }

func (p postgres) ask(t failer, text string) answer {
	results, err := p.conn.Exec(context.Background(), text).ReadAll()
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused):
		return answer{state: refused.Code}
	case err != nil:
		t.Fatalf("%s: %v", text, err)
	}
	var out answer
	if len(results) == 0 {
		return out
	}
	for _, r := range results[len(results)-1].Rows {
		row := make([]string, len(r))
		for i, cell := range r {
			if row[i] = string(cell); cell == nil {
				row[i] = "NULL"
			}
		}
		out.rows = append(out.rows, row)
	}
	return out
}
