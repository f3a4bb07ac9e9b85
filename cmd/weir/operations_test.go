package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/testnet"
)

// operated is a home of a real network of one whose node has run.
type operated struct {
	home, node string
	t          *testing.T
}

// weir runs a command line and returns its exit status and what it printed.
func (o *operated) weir(args ...string) (int, string) {
	var out bytes.Buffer
	status := run(o.t.Context(), args, strings.NewReader(""), &out, &out, assemble())
	return status, out.String()
}

// during runs the node while f works.
func (o *operated) during(f func()) {
	o.t.Helper()
	ctx, stop := context.WithCancel(o.t.Context())
	defer stop()
	done := make(chan int, 1)
	go func() {
		var out bytes.Buffer
		done <- run(ctx, []string{"start", "--home", o.home}, nil, &out, &out, assemble())
	}()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if status, _ := o.weir("sql", "--node", o.node, "-c", "SELECT 1"); status == exitDone {
			break
		}
		if time.Now().After(end) {
			o.t.Fatal("the node does not answer")
		}
	}
	f()
	stop()
	if status := <-done; status != exitDone {
		o.t.Fatalf("the node ended with %d", status)
	}
}

func newOperated(t *testing.T) *operated {
	t.Helper()
	ports, err := testnet.FreePortsFrom(13_000+10*(os.Getpid()%300), 1)
	if err != nil {
		t.Fatal(err)
	}
	o := &operated{
		home: filepath.Join(t.TempDir(), "weir"), t: t,
		node: fmt.Sprintf("http://127.0.0.1:%d", ports.HTTP),
	}
	net, err := testnet.Single(o.home, "operated", ports, makeHomes)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(net.Genesis())
	if err != nil {
		t.Fatal(err)
	}
	often := bytes.Replace(b, []byte(`"checkpoint_blocks": 500`), []byte(`"checkpoint_blocks": 5`), 1)
	if bytes.Equal(b, often) {
		t.Fatal("genesis has no checkpoint_blocks")
	}
	if err := os.WriteFile(net.Genesis(), often, 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestOperationsDocument runs the command lines of docs/operations.md on a real home, in their
// order. Those of a running node run while it does.
func TestOperationsDocument(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a validator for some seconds")
	}
	doc, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	o := newOperated(t)
	lines := map[string][][]string{}
	for l := range strings.Lines(string(doc)) {
		if args, ok := words(strings.TrimSpace(l)); ok && len(args) > 1 && args[0] == "weir" {
			lines[args[1]] = append(lines[args[1]], args[1:])
		}
	}
	o.during(func() {
		for i := range 30 {
			sql := fmt.Sprintf("INSERT INTO n VALUES (%d, 'x')", i)
			if i == 0 {
				sql = "CREATE TABLE n (id bigint PRIMARY KEY, s text); " + sql
			}
			status, out := o.weir("sql", "--home", o.home, "--node", o.node, "-c", sql)
			if status != exitDone {
				t.Fatal(out)
			}
		}
		for _, args := range lines["status"] {
			status, out := o.weir(append(args, "--node", o.node)...)
			if status != exitDone || !strings.Contains(out, "consensus log") {
				t.Errorf("%v: exit status %d\n%s", args, status, out)
			}
		}
	})
	other := filepath.Join(t.TempDir(), "other")
	if err := os.CopyFS(other, os.DirFS(o.home)); err != nil {
		t.Fatal(err)
	}
	names := strings.NewReplacer("/srv/weir", o.home, "/srv/other", other)
	ran := 0
	order := []string{"doctor", "fsck", "audit", "diff-state", "rollback", "prune", "fsck"}
	for _, name := range order {
		for _, args := range lines[name] {
			for i := range args {
				args[i] = names.Replace(args[i])
			}
			want := exitDone
			if strings.Contains(strings.Join(args, " "), "--height") {
				want = exitFailed // two heights differ
			}
			status, out := o.weir(args...)
			if status != want {
				t.Errorf("%v: exit status %d, want %d\n%s", args, status, want, out)
			}
			ran++
		}
	}
	if ran < 10 {
		t.Errorf("only %d command lines in the document", ran)
	}
	o.during(func() {
		status, out := o.weir("sql", "--node", o.node, "-c", "SELECT count(*) FROM n")
		if status != exitDone || !strings.Contains(out, "30") {
			t.Errorf("after all that: %s", out)
		}
	})
}
