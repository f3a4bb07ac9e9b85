package node_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/node/backup"
)

// stopNode ends a node in order.
func stopNode(t *testing.T, n *network) {
	t.Helper()
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
}

// cloneHome makes a home with the configuration and keys of another, and of its data only what
// the validator has signed.
func cloneHome(t *testing.T, home string) string {
	t.Helper()
	to := t.TempDir()
	err := os.CopyFS(filepath.Join(to, "config"), os.DirFS(filepath.Join(home, "config")))
	if err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile(filepath.Join(home, "data", "priv_validator_state.json"))
	if err == nil {
		err = os.Mkdir(filepath.Join(to, "data"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(to, "data", "priv_validator_state.json"), state, 0o600)
	}
	if err == nil {
		err = os.CopyFS(filepath.Join(to, "data", "cs.wal"),
			os.DirFS(filepath.Join(home, "data", "cs.wal")))
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func usageRows(t *testing.T, n *network) (out string) {
	t.Helper()
	err := n.connect(t).QueryRow(t.Context(),
		"SELECT string_agg(meter || ' ' || n || ' ' || total, ', ' ORDER BY meter) "+
			"FROM usage WHERE total >= 0", // through an index, if there is one
	).Scan(&out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestBackupAndRestore backs a node up twice, the second time only what changed, and lets another
// home go on from either backup.
func TestBackupAndRestore(t *testing.T) {
	if testing.Short() {
		t.Skip("runs validators for some seconds")
	}
	n := makeNetwork(t, func(p *parameters) { p.CheckpointBlocks = 1 })
	dir := filepath.Join(t.TempDir(), "backup")
	n.start(t)
	c := n.connect(t)
	run(t, c, "CREATE STREAM", `CREATE STREAM readings (meter text, at timestamp, kwh int,
		WATERMARK FOR at AS at - INTERVAL '5 minutes')`)
	run(t, c, "CREATE MATERIALIZED VIEW", `CREATE MATERIALIZED VIEW usage AS
		SELECT meter, count(*) AS n, sum(kwh) AS total FROM readings GROUP BY meter`)
	run(t, c, "CREATE INDEX", "CREATE INDEX ON usage (total DESC, n)")
	insert := func(n *network, meter string) {
		run(t, n.connect(t), "INSERT 0 1", "INSERT INTO readings VALUES ($1, $2, $3)", meter,
			time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), int32(5))
	}
	insert(n, "a")
	if _, err := backup.Take(t.Context(), backup.Options{Home: n.home, To: dir}); err == nil {
		t.Fatal("a running node is backed up")
	}
	stopNode(t, n)
	first := take(t, n, dir)
	if again := take(t, n, dir); first.PartsWritten == 0 || again.PartsWritten != 0 ||
		again.Height != first.Height {
		t.Fatalf("first %+v, again %+v", first, again)
	}
	n.start(t)
	insert(n, "a")
	insert(n, "b")
	want := usageRows(t, n)
	stopNode(t, n)
	second := take(t, n, dir)
	if second.PartsWritten == 0 || second.PartsWritten == second.Parts ||
		second.Height <= first.Height {
		t.Fatalf("first %+v, second %+v", first, second)
	}

	back := &network{home: cloneHome(t, n.home), pg: n.pg, http: n.http, key: n.key}
	res, err := backup.Restore(t.Context(), backup.RestoreOptions{From: dir, Home: back.home})
	if err != nil || res.Height != second.Height || res.AppHash != second.AppHash {
		t.Fatalf("%+v, %v", res, err)
	}
	back.start(t)
	if got := usageRows(t, back); got != want {
		t.Errorf("the view is %q, was %q", got, want)
	}
	insert(back, "b") // the chain goes on
	if got := usageRows(t, back); got == want {
		t.Errorf("the view is still %q", got)
	}
	stopNode(t, back)
	back.start(t) // and survives a restart
	stopNode(t, back)
	fresh := filepath.Join(t.TempDir(), "backup")
	take(t, back, fresh)
	testRestoreRefusals(t, back.home, fresh)
	testRestoreResumes(t, back.home, fresh)
}

func take(t *testing.T, n *network, dir string) *backup.Result {
	t.Helper()
	res, err := backup.Take(t.Context(), backup.Options{Home: n.home, To: dir})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// testRestoreRefusals restores over data only when asked to, and nothing that is damaged.
func testRestoreRefusals(t *testing.T, home, dir string) {
	o := backup.RestoreOptions{From: dir, Home: home}
	if _, err := backup.Restore(t.Context(), o); err == nil ||
		!strings.Contains(err.Error(), "--replace") {
		t.Errorf("data is overwritten: %v", err)
	}
	o.Replace, o.Height = true, 1<<40
	if _, err := backup.Restore(t.Context(), o); !errors.Is(err, backup.ErrNone) {
		t.Errorf("a height that is not there: %v", err)
	}
	o.Height = 0
	damaged := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		good, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		bad := bytes.Clone(good)
		bad[len(bad)/2] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			return err
		}
		if _, err := backup.Restore(t.Context(), o); err == nil {
			t.Fatalf("%s is damaged, and restored", path)
		}
		if _, err := os.Stat(filepath.Join(home, "data", "weir.db")); err != nil {
			t.Fatalf("a refused restore changes the home: %v", err)
		}
		damaged++
		return os.WriteFile(path, good, 0o600)
	})
	if err != nil || damaged < 10 {
		t.Fatalf("%d files, %v", damaged, err)
	}
}

// testRestoreResumes replaces data, and then ends a restore that was cut short between its two
// renamings.
func testRestoreResumes(t *testing.T, home, dir string) {
	o := backup.RestoreOptions{From: dir, Home: home, Replace: true}
	if _, err := backup.Restore(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(home, "data")
	if _, err := os.Stat(data + ".before-restore"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(data, data+".restored"); err != nil {
		t.Fatal(err)
	}
	if res, err := backup.Restore(t.Context(), o); err != nil || !res.Resumed {
		t.Errorf("%+v, %v", res, err)
	}
	if _, err := os.Stat(filepath.Join(data, "weir.db")); err != nil {
		t.Error(err)
	}
}
