package sql_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/sql"
	"weir/stream/value"
)

var (
	diffSeed  = flag.Uint64("diff.seed", 1, "seed of the random queries")
	diffCount = flag.Int("diff.n", 150, "how many random queries to ask each other database")
)

// world is three small tables with the same rows in Weir and in another database.
type world struct {
	cat    *catalog.Catalog
	rows   map[uint32][][]value.Datum
	script string // makes them
}

func newWorld(t *testing.T, r *rand.Rand) *world {
	w := &world{cat: catalog.New(), rows: map[uint32][][]value.Datum{}}
	for _, name := range []string{"r", "s", "t"} {
		create := "CREATE TABLE " + name + " (id int PRIMARY KEY, a int, b int, c int);\n"
		if _, err := run(w.cat, create, sql.Options{Role: "weir"}); err != nil {
			t.Fatal(err)
		}
		w.script += "DROP TABLE IF EXISTS " + name + ";\n" + create
		id := w.cat.Lookup(name).ID
		for i := range r.IntN(6) {
			row := []value.Datum{value.NewInt4(int32(i))}
			text := []string{fmt.Sprint(i)}
			for range 3 {
				if r.IntN(5) == 0 {
					row, text = append(row, value.NullDatum), append(text, "NULL")
					continue
				}
				v := r.IntN(4)
				row, text = append(row, value.NewInt4(int32(v))), append(text, fmt.Sprint(v))
			}
			w.rows[id] = append(w.rows[id], row)
			w.script += "INSERT INTO " + name + " VALUES (" + strings.Join(text, ", ") + ");\n"
		}
	}
	return w
}

// ask binds, rewrites and evaluates a query: its rows as sorted lines, or an SQLSTATE.
func (w *world) ask(text string) (rows, state string, n plan.Node) {
	raws, err := sql.Parse(text)
	if err == nil {
		var st sql.Statement
		if st, err = sql.Bind(raws[0], w.cat, sql.Options{}); err == nil {
			n = planOf(st)
		}
	}
	if err != nil {
		var e *sql.Error
		if errors.As(err, &e) {
			return e.Error(), e.SQLState, nil
		}
		return err.Error(), "XX000", nil
	}
	v := &naive{rows: w.rows}
	visible := plan.Visible(n.Schema())
	var lines []string
	for _, r := range v.eval(n) {
		var cells []string
		for _, d := range pick(r, visible) {
			cells = append(cells, cell(d))
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	if v.failed > 0 {
		return "", v.state, n
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), "", n
}

func cell(d value.Datum) string {
	if d.IsNull() {
		return "NULL"
	}
	return string(value.AppendText(nil, d))
}

// compare asks random queries of Weir and of another database, which answers sorted lines or an
// SQLSTATE.
func compare(t *testing.T, setup func(string), ask func(string) (string, string)) {
	bad, answered := 0, 0
	for i := range *diffCount {
		seed := *diffSeed + uint64(i/20)
		r := rand.New(rand.NewPCG(seed, 7))
		w := newWorld(t, r)
		if i%20 == 0 {
			setup(w.script)
		}
		g := &queryGen{Rand: rand.New(rand.NewPCG(seed, uint64(i))), full: i%3 > 0}
		text := g.query()
		want, wantState := ask(text)
		got, state, n := w.ask(text)
		if wantState == "" {
			answered++
		}
		if state == wantState && (state != "" || got == want) || beyond(state, wantState) {
			continue
		}
		printed := ""
		if n != nil {
			printed = plan.Print(n)
		}
		t.Errorf("%s%s;\nwant %s\n%s\ngot %s\n%s\n%s", w.script, text, wantState, want, state, got,
			printed)
		if bad++; bad == 5 {
			break
		}
	}
	t.Logf("%d of %d queries have an answer", answered, *diffCount)
	if t.Failed() {
		t.Logf("again: go test ./stream/sql -run %s -diff.seed %d -diff.n %d", t.Name(), *diffSeed,
			*diffCount)
	}
}

// beyond reports answers that docs/sql/differences.md allows to differ: Weir may compute a
// subquery whose answer the other never asks for, and plans have a greatest depth.
func beyond(state, want string) bool { return state == "21000" && want == "" || state == "54001" }

// TestPostgresDifferential compares answers and SQLSTATEs with PostgreSQL's.
func TestPostgresDifferential(t *testing.T) {
	c := startPostgres(t)
	exec := func(text string) (string, string) {
		results, err := c.Exec(context.Background(), text).ReadAll()
		var e *pgconn.PgError
		if errors.As(err, &e) {
			return e.Message, e.Code
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var lines []string
		for _, r := range results[len(results)-1].Rows {
			var line []string
			for _, c := range r {
				if c == nil {
					c = []byte("NULL")
				}
				line = append(line, string(c))
			}
			lines = append(lines, strings.Join(line, "|"))
		}
		slices.Sort(lines)
		return strings.Join(lines, "\n"), ""
	}
	setup := func(script string) {
		if out, state := exec(script); state != "" {
			t.Fatal(out)
		}
	}
	compare(t, setup, exec)
}

// startPostgres runs a private PostgreSQL on a socket in a temporary directory, or skips.
func startPostgres(t *testing.T) *pgconn.PgConn {
	if testing.Short() {
		t.Skip("a PostgreSQL server takes seconds to start")
	}
	bin := findPostgres(t)
	dir, err := os.MkdirTemp("", "weirpg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = dir
		if os.Getuid() == 0 { // PostgreSQL refuses to run as root
			who := &syscall.Credential{Uid: 65534, Gid: 65534}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
		}
		return cmd
	}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Skipf("root without the right to change owners: %v", err)
		}
	}
	data := filepath.Join(dir, "data")
	initdb := command("initdb", "-D", data, "-U", "weir", "-A", "trust", "--locale=C",
		"--encoding=UTF8", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Skipf("initdb: %v\n%s", err, out)
	}
	server := command("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c",
		"fsync=off", "-c", "timezone=UTC")
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
