package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/spf13/cobra"

	"weir/client/api"
	"weir/node/httpapi"
	"weir/testnet"
	"weir/testnet/bench"
)

// answers is a node that knows a few answers.
type answers struct{ httpapi.Backend }

func (answers) Status(context.Context) (*api.Status, error) {
	return &api.Status{
		ChainID: "test", GenesisHash: make([]byte, 32), Height: 7,
		AppHash: []byte{0xab}, Moniker: "node0", Version: "1",
	}, nil
}

func (answers) Query(_ context.Context, sql string) (*api.Result, error) {
	if strings.Contains(sql, "nothing") {
		return nil, &api.Error{SQLState: "42P01", Message: `relation "nothing" does not exist`}
	}
	atl, n := "ATL", "1021"
	return &api.Result{
		Columns: []api.Column{{Name: "origin", Type: "text"}, {Name: "flights", Type: "bigint"}},
		Rows:    [][]*string{{&atl, &n}, {nil, nil}}, Height: 7,
	}, nil
}

func (answers) Consistency(_ context.Context, stream string, _ int64) ([]byte, error) {
	return []byte(stream), nil
}
func (answers) Prove(_ context.Context, sql string) ([]byte, error) { return []byte(sql), nil }

func (answers) Submit(_ context.Context, raw []byte) (*api.Receipt, error) {
	if bytes.Contains(raw, []byte("CREATE TABLE twice")) {
		return &api.Receipt{Code: 30, SQLState: "42P07", Message: "it exists"}, nil
	}
	return &api.Receipt{Hash: []byte{1}, Height: 8}, nil
}

// parts are those of a binary whose verifier accepts what the answering node proves.
func parts() assembly {
	return assembly{
		homes: func(*testnet.Network, []byte) error { return nil },
		run: func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return nil
		},
		verify: func(evidence []byte, o verifyOptions) (*verdict, error) {
			if string(o.genesis) != "genesis" && !strings.HasPrefix(o.header, "7:") {
				return nil, errors.New("the evidence is of another network")
			}
			text := "1"
			return &verdict{
				SQL: string(evidence), ReliedOn: []string{"the genesis file"},
				Answer: api.Result{
					Columns: []api.Column{{Name: "n", Type: "bigint"}},
					Rows:    [][]*string{{&text}}, Height: 7,
				},
			}, nil
		},
		benchEngine: func(_ context.Context, events int) ([]bench.Figure, error) {
			return []bench.Figure{{Name: "q0", Value: float64(events), Unit: "events/s"}}, nil
		},
	}
}

// hexKey stands for the keys that differ from run to run.
var hexKey = regexp.MustCompile(`[0-9a-f]{64}`)

// TestCommands runs the command lines of testdata: "run" gives the arguments, one a line, and
// shows the exit status, standard output and standard error. HOME and NODE stand for a fresh
// home and a node that answers.
func TestCommands(t *testing.T) {
	node := httptest.NewServer(httpapi.New(answers{}, httpapi.Options{}))
	defer node.Close()
	datadriven.Walk(t, "testdata/commands", func(t *testing.T, path string) {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"genesis.json": "genesis", "other.json": "other", "e.weir": "SELECT 1",
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		names := strings.NewReplacer("HOME", dir, "NODE", node.URL)
		back := strings.NewReplacer(dir, "HOME", node.URL, "NODE")
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			args := strings.Split(names.Replace(d.Input), "\n")
			var out, errOut bytes.Buffer
			status := run(t.Context(), args, strings.NewReader(""), &out, &errOut, parts())
			text := fmt.Sprintf("%sexit %d\n", out.String(), status)
			for _, l := range strings.SplitAfter(strings.TrimSuffix(errOut.String(), "\n"), "\n") {
				if l != "" {
					text += "! " + l
				}
			}
			return hexKey.ReplaceAllString(back.Replace(text), "KEY")
		})
	})
}

// TestHelp shows the help of every command.
func TestHelp(t *testing.T) {
	datadriven.RunTest(t, "testdata/help.txt", func(t *testing.T, d *datadriven.TestData) string {
		var b strings.Builder
		walk(root(), func(c *cobra.Command) {
			var out bytes.Buffer
			args := append(strings.Fields(c.CommandPath())[1:], "--help")
			status := run(t.Context(), args, nil, &out, &out, assembly{})
			if status != exitDone {
				t.Errorf("%v: exit status %d", args, status)
			}
			fmt.Fprintf(&b, "==== %s\n", c.CommandPath())
			for l := range strings.Lines(out.String()) {
				if strings.TrimSpace(l) != "" {
					b.WriteString(strings.TrimRight(l, " \n") + "\n")
				}
			}
		})
		return b.String()
	})
}

func root() *cobra.Command { return new(shell).root() }

func walk(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		if sub.Name() != "help" {
			walk(sub, visit)
		}
	}
}

// Every command has a line about itself and an example.
func TestEveryCommandIsExplained(t *testing.T) {
	walk(root(), func(c *cobra.Command) {
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s has no short text or no example", c.CommandPath())
		}
	})
}

// Every command line in the documents and in the examples of --help is one that exists.
func TestDocumentedCommandsExist(t *testing.T) {
	var lines []string
	walk(root(), func(c *cobra.Command) { lines = append(lines, strings.Split(c.Example, "\n")...) })
	var doc string
	for _, name := range []string{"getting-started.md", "operations.md"} {
		b, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		doc += string(b)
	}
	inDoc := 0
	for l := range strings.Lines(doc) {
		if l = strings.TrimPrefix(strings.TrimSpace(l), "$ "); strings.HasPrefix(l, "weir ") {
			lines = append(lines, l)
			inDoc++
		}
	}
	if inDoc < 20 {
		t.Errorf("only %d commands found in the document", inDoc)
	}
	for _, l := range lines {
		args, ok := words(strings.TrimSpace(l))
		if !ok || args[0] != "weir" {
			t.Errorf("%q is no command line", l)
			continue
		}
		cmd, rest, err := root().Find(args[1:])
		if err != nil || cmd.ParseFlags(rest) != nil {
			t.Errorf("%q: %v %v", l, err, cmd.ParseFlags(rest))
			continue
		}
		if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
			t.Errorf("%q: %v", l, err)
		}
	}
}

// words splits a command line at spaces outside double quotes, up to a redirection or comment.
func words(line string) (args []string, ok bool) {
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			args = append(args, part)
			continue
		}
		for _, w := range strings.Fields(part) {
			if w == "<" || w == "#" || w == "&" {
				return args, len(args) > 0
			}
			args = append(args, w)
		}
	}
	return args, len(args) > 0
}

// A node that its starter holds by a pipe ends with the pipe.
func TestStartStopsAtEOF(t *testing.T) {
	in, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan int)
	go func() {
		var out bytes.Buffer
		done <- run(context.Background(), []string{"start", "--home", t.TempDir(), "--stop-at-eof"},
			in, &out, &out, parts())
	}()
	select {
	case status := <-done:
		t.Fatalf("the node ended with %d while its starter is there", status)
	default:
	}
	hold.Close()
	if status := <-done; status != exitDone {
		t.Errorf("exit status %d", status)
	}
}

func TestSplitSQL(t *testing.T) {
	for in, want := range map[string]string{
		"SELECT 1":                          "SELECT 1",
		" SELECT 1 ; ;SELECT 2;\n":          "SELECT 1|SELECT 2",
		"SELECT ';' , \"a;b\"; SELECT 2":    "SELECT ';' , \"a;b\"|SELECT 2",
		"SELECT 'it''s;'":                   "SELECT 'it''s;'",
		"-- a;\nSELECT 1 /* ; /* ; */ ; */": "-- a;\nSELECT 1 /* ; /* ; */ ; */",
		"-- only a comment;":                "",
		"SELECT $x$;$x$; SELECT $$;$$":      "SELECT $x$;$x$|SELECT $$;$$",
		"SELECT $1; SELECT 2":               "SELECT $1|SELECT 2",
		"SELECT 'open; ":                    "SELECT 'open;",
		"":                                  "",
	} {
		if got := strings.Join(splitSQL(in), "|"); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzSplitSQL(f *testing.F) {
	f.Add("SELECT ';'; SELECT $a$;$a$ -- ;\n/* ; */")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range splitSQL(text) {
			if !strings.Contains(text, s) || s == "" {
				t.Errorf("%q is no part of %q", s, text)
			}
		}
	})
}
