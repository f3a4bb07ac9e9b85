package expr_test

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

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgx/v5/pgconn"
)

// findPostgres returns the directory of postgres and initdb, or skips.
func findPostgres(t *testing.T) string {
	dirs := append([]string{}, filepath.SplitList(os.Getenv("PATH"))...)
	for _, d := range append(dirs, "/usr/lib/postgresql/15/bin") {
		_, err1 := os.Stat(filepath.Join(d, "postgres"))
		_, err2 := os.Stat(filepath.Join(d, "initdb"))
		if err1 == nil && err2 == nil {
			return d
		}
	}
	t.Skip("no postgres and initdb here: the goldens alone are checked")
	return ""
}

// unprivileged makes cmd run as nobody when the test runs as root, which PostgreSQL refuses.
func unprivileged(cmd *exec.Cmd) *exec.Cmd {
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	return cmd
}

// startPostgres runs a private PostgreSQL 15 on a socket in a temporary directory.
func startPostgres(t *testing.T) *pgconn.PgConn {
	if testing.Short() {
		t.Skip("a PostgreSQL server takes seconds to start")
	}
	bin := findPostgres(t)
	version, _ := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if !strings.Contains(string(version), " 15.") {
		t.Skipf("PostgreSQL 15 is wanted, not %s", bytes.TrimSpace(version))
	}
	dir, err := os.MkdirTemp("", "weirpg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if os.Getuid() == 0 {
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Skipf("root without the right to change owners: %v", err)
		}
	}
	data := filepath.Join(dir, "data")
	initdb := unprivileged(exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "weir",
		"-A", "trust", "--locale=C", "--encoding=UTF8", "--no-sync"))
	initdb.Dir = dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Skipf("initdb: %v\n%s", err, out)
	}
	server := unprivileged(exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "timezone=UTC"))
	server.Dir = dir
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

// pgTypes names the types by their object ids.
var pgTypes = map[uint32]string{
	16: "bool", 17: "bytea", 20: "int8", 21: "int2", 23: "int4", 25: "text", 700: "float4",
	701: "float8", 1082: "date", 1083: "time", 1114: "timestamp", 1184: "timestamptz",
	1186: "interval", 1700: "numeric", 2950: "uuid", 3802: "jsonb",
	1000: "bool[]", 1001: "bytea[]", 1016: "int8[]", 1005: "int2[]", 1007: "int4[]",
	1009: "text[]", 1021: "float4[]", 1022: "float8[]", 1182: "date[]", 1183: "time[]",
	1115: "timestamp[]", 1185: "timestamptz[]", 1187: "interval[]", 1231: "numeric[]",
	2951: "uuid[]", 3807: "jsonb[]",
}

// askPostgres evaluates t there.
func askPostgres(t interface{ Fatalf(string, ...any) }, c *pgconn.PgConn, tm term) answer {
	results, err := c.Exec(context.Background(), "SELECT "+tm.sql()).ReadAll()
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return answer{state: pgErr.Code}
	}
	if err != nil {
		t.Fatalf("%s: %v", tm.sql(), err)
	}
	r := results[0]
	a := answer{typ: pgTypes[r.FieldDescriptions[0].DataTypeOID]}
	if cell := r.Rows[0][0]; cell == nil {
		a.null = true
	} else {
		a.text = string(cell)
	}
	return a
}

// TestPostgresGolden: PostgreSQL gives the golden answers, except to the listed differences.
func TestPostgresGolden(t *testing.T) {
	c := startPostgres(t)
	datadriven.Walk(t, "testdata/golden", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			want := strings.Split(strings.TrimSuffix(d.Expected, "\n"), "\n")
			for i, line := range strings.Split(d.Input, "\n") {
				tm, err := parseTerm(line)
				if err != nil || i >= len(want) {
					d.Fatalf(t, "%s: %v", line, err)
				}
				got := askPostgres(t, c, tm).String()
				if same := got == want[i]; same != (d.Cmd == "eval") {
					t.Errorf("%s: %s: %s\nPostgreSQL: %s\ngolden:     %s", d.Pos, d.Cmd, tm.sql(),
						got, want[i])
				}
			}
			return d.Expected
		})
	})
}
