package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func nexmarkOf(t *testing.T, want int, args ...string) (out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	args = append([]string{"bench", "nexmark"}, args...)
	if status := run(t.Context(), args, nil, &o, &e, parts()); status != want {
		t.Fatalf("%v: exit status %d, want %d: %s", args, status, want, e.String())
	}
	return o.String(), e.String()
}

// TestBenchNexmark runs every flag at small size.
func TestBenchNexmark(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	drawing := filepath.Join(t.TempDir(), "n.svg")
	out, _ := nexmarkOf(t, exitDone, "--engine", "--query", "q4,q5", "--events", "2000,4000",
		"--step", "500", "--seed", "7", "--repeat", "2", "--memory", "1024", "--plot", drawing,
		"--authenticated", "--checkpointed", "--checkpoint-events", "1000", "--output", "json")
	var rows []nexmarkRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v: %s", len(rows), err, out)
	}
	for i, r := range rows {
		query, events := []string{"q4", "q5"}[i/2], 2000*(1+i%2)
		if r.Query != query || r.Events != events || r.Checkpoints != events/1000 ||
			r.PerSecond <= 0 || r.TreeMicros <= 0 || r.SaveMicros <= 0 || r.ViewRows == 0 ||
			r.StateEntries == 0 || r.AllocsPerEvent <= 0 || len(r.StateRoot) != 64 {
			t.Errorf("row %d: %+v", i, r)
		}
	}
	if b, err := os.ReadFile(drawing); err != nil || !bytes.Contains(b, []byte("<svg")) {
		t.Errorf("the drawing: %v, %.40s", err, b)
	}
	saved := filepath.Join(t.TempDir(), "run.json")
	if err := os.WriteFile(saved, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	again, _ := nexmarkOf(t, exitDone, "--from", saved, "--output", "json")
	if again != out {
		t.Errorf("--from shows\n%s\nof\n%s", again, out)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestBenchNexmarkTable prints a column for each flag that adds one.
func TestBenchNexmarkTable(t *testing.T) {
	plain, _ := nexmarkOf(t, exitDone, "--query", "q0", "--events", "500")
	kept, _ := nexmarkOf(t, exitDone, "--query", "q0", "--events", "500,600", "--authenticated",
		"--checkpointed", "--checkpoint-events", "500")
	for _, col := range []string{"since", "trees", "checkpoints", "state root"} {
		if strings.Contains(plain, col) || !strings.Contains(kept, col) {
			t.Errorf("column %q:\n%s\n%s", col, plain, kept)
		}
	}
	all, _ := nexmarkOf(t, exitDone, "--events", "200", "--step", "100")
	for _, q := range []string{"q0", "q9", "q22"} {
		if !slices.Contains(strings.Fields(all), q) {
			t.Errorf("%s is not among all queries:\n%s", q, all)
		}
	}
}

// TestBenchNexmarkRefuses checks the limits of the flags.
func TestBenchNexmarkRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		"only --engine":            {"--engine=false"},
		"--events is at least 1":   {"--events", "0"},
		"several --events ascend":  {"--events", "2,1"},
		"--checkpoint-events is a": {"--checkpoint-events", "0"},
		"--step is at least 1":     {"--step", "0"},
		"--repeat is at least 1":   {"--repeat", "0"},
		"--memory is at least 1":   {"--memory", "0"},
		`no query "q23"`:           {"--query", "q23"},
	} {
		if _, e := nexmarkOf(t, exitUsage, args...); !strings.Contains(e, want) {
			t.Errorf("%v: %q, want %q", args, e, want)
		}
	}
}
