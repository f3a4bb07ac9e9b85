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

	"weir/node/frozen"
	"weir/testnet"
)

// operated is a home of a real network of one whose node has run.
type operated struct {
	home, node string
	t          *testing.T
	names      *strings.Replacer // of the document's names
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

// lines runs command lines of the document by name. Beside a running node those that read a home
// read a frozen copy of it, and say so.
func (o *operated) lines(lines map[string][][]string, beside bool, names ...string) {
	o.t.Helper()
	ran := 0
	for _, name := range names {
		for _, line := range lines[name] {
			args := make([]string, len(line))
			for i := range line {
				args[i] = o.names.Replace(line[i])
			}
			want := exitDone
			if strings.Contains(strings.Join(args, " "), "--height") {
				want = exitFailed // two heights differ
			}
			status, out := o.weir(args...)
			if status != want {
				o.t.Errorf("%v: exit status %d, want %d\n%s", args, status, want, out)
			}
			copied := strings.Count(out, "The node runs: this reads a frozen copy")
			if (copied == 1) != (beside && name != "doctor") {
				o.t.Errorf("%v: it says %d times that it reads a copy\n%s", args, copied, out)
			}
			ran++
		}
	}
	if ran < 7 {
		o.t.Errorf("only %d command lines of %v in the document", ran, names)
	}
	if left := o.copies(); len(left) > 0 {
		o.t.Errorf("frozen copies are left: %v", left)
	}
}

// copies lists the frozen copies of the home.
func (o *operated) copies() (left []string) {
	list, err := os.ReadDir(frozen.Folder(o.home))
	if err != nil {
		o.t.Error(err)
	}
	for _, e := range list {
		if e.IsDir() {
			left = append(left, e.Name())
		}
	}
	return left
}

// cancelling is a terminal at which somebody interrupts the command as soon as it reads a copy.
type cancelling struct {
	bytes.Buffer
	cancel func()
	copied func()
}

func (c *cancelling) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("frozen copy")) {
		c.copied()
		c.cancel()
	}
	return c.Buffer.Write(b)
}

// interrupted ends commands while they read a frozen copy, which goes.
func (o *operated) interrupted() {
	o.t.Helper()
	backup := filepath.Join(o.t.TempDir(), "backup")
	for _, args := range [][]string{
		{"fsck", "--home", o.home},
		{"audit", "--home", o.home},
		{"backup", "--home", o.home, "--to", backup},
	} {
		ctx, cancel := context.WithCancel(o.t.Context())
		out := &cancelling{cancel: cancel, copied: func() {
			if left := o.copies(); len(left) != 1 {
				o.t.Errorf("%v: there are copies %v", args, left)
			}
		}}
		status := run(ctx, args, strings.NewReader(""), out, out, assemble())
		if status != exitFailed || !strings.Contains(out.String(), "context canceled") {
			o.t.Errorf("%v: exit status %d\n%s", args, status, out.String())
		}
		if left := o.copies(); len(left) > 0 {
			o.t.Errorf("%v was interrupted, and frozen copies are left: %v", args, left)
		}
	}
}

// forgedHeight proves an answer of a past height and changes the height that its text names.
func (o *operated) forgedHeight() {
	o.t.Helper()
	file := filepath.Join(o.t.TempDir(), "answer.weir")
	status, out := o.weir("prove", "SELECT count(*) FROM n AS OF HEIGHT 30", "--node", o.node,
		"-o", file)
	if status != exitDone {
		o.t.Fatal(out)
	}
	verify := func() (int, string) {
		return o.weir("verify", file, "--trust", filepath.Join(o.home, "config", "genesis.json"))
	}
	if status, out := verify(); status != exitDone || !strings.Contains(out, "AS OF HEIGHT 30") {
		o.t.Errorf("exit status %d\n%s", status, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, other := range []string{"29", "31"} {
		forged := bytes.Replace(b, []byte("AS OF HEIGHT 30"), []byte("AS OF HEIGHT "+other), 1)
		if err := os.WriteFile(file, forged, 0o600); err != nil {
			o.t.Fatal(err)
		}
		if status, out := verify(); status != exitFailed ||
			!strings.Contains(out, "the text asks for height "+other+", the file is of height 30") {
			o.t.Errorf("exit status %d\n%s", status, out)
		}
	}
}

// unanswered runs commands on the home of a node that holds it and does not answer.
func (o *operated) unanswered() {
	o.t.Helper()
	if err := os.Remove(frozen.Socket(o.home)); err != nil {
		o.t.Fatal(err)
	}
	for _, name := range []string{"fsck", "audit", "backup"} {
		args := []string{name, "--home", o.home}
		if name == "backup" {
			args = append(args, "--to", filepath.Join(o.t.TempDir(), "backup"))
		}
		status, out := o.weir(args...)
		if status != exitFailed || !strings.Contains(out, "No node answers at") ||
			!strings.Contains(out, "else stop the node") {
			o.t.Errorf("%v: exit status %d\n%s", args, status, out)
		}
	}
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
	o.names = strings.NewReplacer("/srv/weir", o.home, "/srv/other", other,
		"/backups/weir", filepath.Join(t.TempDir(), "backup"))
	o.during(func() {
		o.lines(lines, true, "doctor", "fsck", "audit", "diff-state", "backup")
		o.forgedHeight()
		o.interrupted()
		o.unanswered()
	})
	o.lines(lines, false, "doctor", "fsck", "audit", "diff-state", "backup", "rollback", "prune",
		"fsck")
	o.during(func() {
		status, out := o.weir("sql", "--node", o.node, "-c", "SELECT count(*) FROM n")
		if status != exitDone || !strings.Contains(out, "30") {
			t.Errorf("after all that: %s", out)
		}
	})
}
