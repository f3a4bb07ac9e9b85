package node_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// psqlDeadline ends a psql that hangs.
const psqlDeadline = 30 * time.Second

var (
	millis = regexp.MustCompile(`[0-9.]+ ms`)
	place  = regexp.MustCompile(`psql:<stdin>:\d+: `)
)

// TestPsql runs scripts of statements, a file a feature, through the real psql against a validator
// that is a process of its own. A script says:
//
//	psql           statements; the output is psql's
//	until want=X   a query, asked until its output has X, for ten seconds at most
//	kill           names of relations; the node is killed with SIGKILL and started again, and each of
//	               them must then have the rows that it had
func TestPsql(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a validator for some seconds")
	}
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed: ", err)
	}
	n := makeNetwork(t, func(p *parameters) { p.CheckpointBlocks = 5 })
	node := n.spawn(t)
	_ = n.reach(t).Close(t.Context())
	top := t // which outlives the files: the node must not end with one of them
	ask := func(t *testing.T, script string) string {
		t.Helper()
		return n.psql(t, psql, script)
	}
	datadriven.Walk(t, "testdata/psql", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "psql":
				return ask(t, d.Input)
			case "until":
				var want string
				d.ScanArgs(t, "want", &want)
				return until(func() string { return ask(t, d.Input) }, want)
			case "kill":
				tables := strings.Fields(d.Input)
				script := "TABLE " + strings.Join(tables, "; TABLE ") + ";"
				before := ask(t, script)
				_ = node.Process.Signal(syscall.SIGKILL)
				_ = node.Wait()
				node = n.spawn(top)
				_ = n.reach(top).Close(t.Context())
				if after := ask(t, script); after != before {
					return fmt.Sprintf("before:\n%s\nafter:\n%s", before, after)
				}
				return fmt.Sprintf("%d relations have the rows that they had", len(tables))
			}
			d.Fatalf(t, "no command %q", d.Cmd)
			return ""
		})
	})
}

// psql gives psql a script and returns what it prints, errors where they happen.
func (n *network) psql(t *testing.T, path, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), psqlDeadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-X", "-v", "VERBOSITY=verbose", "-f", "-", n.url())
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PGCLIENTENCODING=UTF8", "PAGER=cat")
	cmd.Stdin = strings.NewReader(script)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s", script, err, out.String())
	}
	text := place.ReplaceAllString(millis.ReplaceAllString(out.String(), "T ms"), "")
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// until repeats a question until its answer has the wanted text.
func until(ask func() string, want string) string {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if got := ask(); strings.Contains(got, want) || time.Now().After(end) {
			return got
		}
	}
}
