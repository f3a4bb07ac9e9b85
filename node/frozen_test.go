package node_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/client"
	"weir/consensus"
	"weir/node/backup"
	"weir/node/frozen"
	"weir/node/home"
)

// load inserts rows into a running network, one after the other, until it is stopped.
type load struct {
	mu   sync.Mutex
	took []time.Duration // of each acknowledged row
	at   []time.Time     // when it was acknowledged
	stop func()
}

// acknowledged is the number of rows that were acknowledged: 0 to n-1.
func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.took)
}

// startLoad makes a stream and a view and begins.
func startLoad(t *testing.T, n *network) *load {
	t.Helper()
	c := n.connect(t)
	run(t, c, "CREATE STREAM", "CREATE STREAM events (id bigint, name text)")
	run(t, c, "CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW counted AS "+
		"SELECT id % 10 AS k, count(*) AS n FROM events GROUP BY id % 10")
	run(t, c, "CREATE TABLE", "CREATE TABLE names (id bigint PRIMARY KEY, name text)")
	l := &load{}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		for i := int64(0); ctx.Err() == nil; i++ {
			begin := time.Now()
			_, err := c.Exec(context.Background(), "INSERT INTO events VALUES ($1, $2)", i,
				strings.Repeat("x", 500))
			if err == nil {
				_, err = c.Exec(context.Background(), "INSERT INTO names VALUES ($1, 'n')", i)
			}
			if err != nil {
				t.Error(err)
				return
			}
			l.mu.Lock()
			l.took, l.at = append(l.took, time.Since(begin)), append(l.at, time.Now())
			l.mu.Unlock()
		}
	})
	l.stop = func() { cancel(); running.Wait() }
	t.Cleanup(l.stop)
	return l
}

// wait waits for more rows to be acknowledged.
func (l *load) wait(t *testing.T, more int) {
	t.Helper()
	end := time.Now().Add(30 * time.Second)
	for want := l.acknowledged() + more; l.acknowledged() < want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no rows are acknowledged")
		}
	}
}

// TestFrozenCopies takes copies of a node under load, which checkpoints, prunes and gives up blocks
// all the time. Every copy is sound, has executed what it has stored, and holds what was
// acknowledged before.
func TestFrozenCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a validator for some seconds")
	}
	n := makeNetwork(t, func(p *parameters) { p.CheckpointBlocks = 3 })
	n.shortEvidence(t, 10, 50*time.Millisecond)
	n.history = 15
	n.start(t)
	l := startLoad(t, n)
	var held []time.Duration
	var spans [][2]time.Time
	for range 8 {
		l.wait(t, 7)
		before, begin := n.height(t), time.Now()
		c, err := frozen.Take(t.Context(), n.home)
		if err != nil {
			t.Fatal(err)
		}
		held, spans = append(held, c.Held), append(spans, [2]time.Time{begin, time.Now()})
		if r, err := home.Check(t.Context(), c.Home, 3, nil); err != nil || r.Problems > 0 {
			t.Errorf("%+v, %v", r, err)
		}
		a, err := home.Audit(t.Context(), c.Home, home.AuditOptions{})
		if err != nil || a.Fault != nil || a.Blocks == 0 || a.To < max(before, c.Height) {
			t.Errorf("height %d after %d: %+v, %v", c.Height, before, a, err)
		}
		if d, err := home.Differ(c.Home, c.Home, 0, 0, 1); err != nil || d.AppHashA != d.AppHashB {
			t.Errorf("%+v, %v", d, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	l.stop()
	if list, err := os.ReadDir(frozen.Folder(n.home)); err != nil || len(list) != 1 {
		t.Errorf("there should be nothing but the socket: %v, %v", list, err)
	}
	l.report(t, held, spans)
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	if s, err := consensus.OpenStores(n.home); err != nil || s.Base() < 10 {
		t.Errorf("no block was given up: %v", err)
	} else if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// height is that of the last block that the node has committed.
func (n *network) height(t *testing.T) int64 {
	t.Helper()
	return statusOf(t, &member{network: *n})
}

// report logs how long rows took while copies were made, and otherwise.
func (l *load) report(t *testing.T, held []time.Duration, spans [][2]time.Time) {
	t.Helper()
	var beside, other []time.Duration
	for i, took := range l.took {
		begin := l.at[i].Add(-took)
		if slices.ContainsFunc(spans, func(s [2]time.Time) bool {
			return begin.Before(s[1]) && s[0].Before(l.at[i])
		}) {
			beside = append(beside, took)
			continue
		}
		other = append(other, took)
	}
	slices.Sort(beside)
	slices.Sort(other)
	slices.Sort(held)
	t.Logf("stores held for %v to %v; two rows took %v in the median, %v beside copies (at most %v)",
		held[0], held[len(held)-1], other[len(other)/2], beside[len(beside)/2], beside[len(beside)-1])
}

// TestFrozenLimits takes as many copies as there may be, and one more; copies go with their
// commands, also with those that die, and those that nobody reads when the node starts. Only the
// owner may ask for one.
func TestFrozenLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a validator for some seconds")
	}
	n := makeNetwork(t, func(*parameters) {})
	// So deep that the path of the socket is longer than that of a socket may be.
	deep := filepath.Join(t.TempDir(), strings.Repeat("deep", 20), "home")
	if err := os.MkdirAll(filepath.Dir(deep), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(n.home, deep); err != nil {
		t.Fatal(err)
	}
	n.home, n.copies = deep, 2
	if _, err := frozen.Take(t.Context(), n.home); !errors.Is(err, frozen.ErrNobody) {
		t.Errorf("before the first run: %v", err)
	}
	n.start(t)
	for path, mode := range map[string]os.FileMode{
		frozen.Folder(n.home): os.ModeDir | 0o700, frozen.Socket(n.home): os.ModeSocket | 0o600,
	} {
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	first, second := takeCopy(t, n), takeCopy(t, n)
	if _, err := frozen.Take(t.Context(), n.home); err == nil ||
		!strings.Contains(err.Error(), "has 2 frozen copies already") {
		t.Errorf("a third copy: %v", err)
	}
	noKeys(t, first.Home)
	checkCopiesUsage(t, n)
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	dying := dieWithCopy(t, n.home)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(dying); errors.Is(err, os.ErrNotExist) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the copy of a command that died is still there")
		}
	}
	third := takeCopy(t, n)
	stopNode(t, n)
	if _, err := frozen.Take(t.Context(), n.home); !errors.Is(err, frozen.ErrNobody) {
		t.Errorf("after the node has stopped: %v", err)
	}
	stale := filepath.Join(frozen.Folder(n.home), "9")
	if err := os.CopyFS(stale, os.DirFS(third.Home)); err != nil {
		t.Fatal(err)
	}
	n.start(t)
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a copy that nobody reads is still there after a start: %v", err)
	}
	for _, c := range []*frozen.Copy{second, third} { // these outlived the node
		if r, err := home.Check(t.Context(), c.Home, 1, nil); err != nil || r.Problems > 0 {
			t.Errorf("%+v, %v", r, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	stopNode(t, n)
	if list, err := os.ReadDir(frozen.Folder(n.home)); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func takeCopy(t *testing.T, n *network) *frozen.Copy {
	t.Helper()
	c, err := frozen.Take(t.Context(), n.home)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// noKeys fails if there is a key in a copy.
func noKeys(t *testing.T, dir string) {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, filepath.Base(path))
		return err
	})
	if err != nil || !slices.Contains(names, "genesis.json") ||
		slices.ContainsFunc(names, func(s string) bool { return strings.Contains(s, "key") }) {
		t.Errorf("%v, %v", names, err)
	}
}

// checkCopiesUsage compares what a node says of its copies with the files that only they have.
func checkCopiesUsage(t *testing.T, n *network) {
	t.Helper()
	c, err := client.New("http://" + n.http)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	before, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	extra := filepath.Join(frozen.Folder(n.home), "1", "data", "weir.db", "999999.sst")
	if err := os.WriteFile(extra, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	shared := filepath.Join(frozen.Folder(n.home), "2", "data", "weir.db", "999999.sst")
	if err := os.Link(extra, shared); err != nil {
		t.Fatal(err)
	}
	after, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	old, now := before.Disk[len(before.Disk)-1], after.Disk[len(after.Disk)-1]
	if now.Part != "frozen copies" || now.Bytes != old.Bytes+1<<20 || old.Bytes > 1<<20 {
		t.Errorf("%+v, then %+v", old, now)
	}
	live := filepath.Join(n.home, "data", "weir.db", "999999.sst")
	if err := os.Link(extra, live); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(live)
	if after, err = c.Status(t.Context()); err != nil ||
		after.Disk[len(after.Disk)-1].Bytes != old.Bytes {
		t.Errorf("a table that the node has too counts: %+v, %v", after.Disk, err)
	}
}

// dieWithCopy takes a copy as a command does that then dies, and returns where it was.
func dieWithCopy(t *testing.T, dir string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "f")
	if err := os.Symlink(frozen.Folder(dir), link); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("unix", filepath.Join(link, filepath.Base(frozen.Socket(dir))))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, "copy"); err != nil {
		t.Fatal(err)
	}
	var a struct{ Copy int }
	if err := json.NewDecoder(conn).Decode(&a); err != nil || a.Copy != 3 {
		t.Fatal(a, err)
	}
	return filepath.Join(frozen.Folder(dir), "3")
}

// TestBackupBeside backs up a node under load, restores the backup to a new home, and lets it go on
// in the network, beside the node that it came from: every row acknowledged before is there, the
// app hashes are the network's, and it proves answers from genesis on.
func TestBackupBeside(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two nodes for some seconds")
	}
	n := makeNetwork(t, func(p *parameters) { p.CheckpointBlocks = 5 })
	n.shortEvidence(t, 10, 50*time.Millisecond)
	n.history = 1000
	n.start(t)
	l := startLoad(t, n)
	l.wait(t, 40)
	rows, before := l.acknowledged(), n.height(t)
	c := takeCopy(t, n)
	dir := filepath.Join(t.TempDir(), "backup")
	res, err := backup.Take(t.Context(), backup.Options{Home: c.Home, To: dir, Window: n.history})
	if err := errors.Join(err, c.Close()); err != nil {
		t.Fatal(err)
	}
	l.wait(t, 5)
	back := newHome(t, n)
	r, err := backup.Restore(t.Context(), backup.RestoreOptions{From: dir, Home: back.home})
	if err != nil || r.Height != res.Height || r.AppHash != res.AppHash {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := waitHeight(t, &member{network: *n}, int64(res.Height)); res.AppHash !=
		fmt.Sprintf("%x", got) {
		t.Errorf("the backup of height %d has app hash %s, the network %x", res.Height,
			res.AppHash, got)
	}
	back.start(t)
	t.Cleanup(func() { stopNode(t, back) })
	var have int
	err = back.connect(t).QueryRow(t.Context(), "SELECT CAST(sum(n) AS bigint) FROM counted").
		Scan(&have)
	if err != nil || have < rows {
		t.Errorf("%d rows were acknowledged, %d came back, %v", rows, have, err)
	}
	l.wait(t, 5)
	l.stop()
	height := n.height(t)
	if height <= before {
		t.Fatalf("height %d after %d", height, before)
	}
	want := waitHeight(t, &member{network: *n}, height)
	if got := waitHeight(t, &member{network: *back}, height); !bytes.Equal(got, want) {
		t.Errorf("height %d: app hash %x, the network has %x", height, got, want)
	}
	checkProof(t, back, "SELECT CAST(sum(n) AS bigint) FROM counted", int64(l.acknowledged()))
	stopNode(t, n)
}

// newHome makes the home of one more node of a network of one, which is no validator.
func newHome(t *testing.T, n *network) *network {
	t.Helper()
	genesis, err := os.ReadFile(filepath.Join(n.home, "config", "genesis.json"))
	if err != nil {
		t.Fatal(err)
	}
	port := 24_000 + 10*(os.Getpid()%500)
	for !manyFree(port, 1) {
		port += 10
	}
	h, err := consensus.InitHome(consensus.InitOptions{
		Home: t.TempDir(), Port: port, Genesis: genesis, Peers: []string{n.peer},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &network{
		home: h.Dir, pg: loopback(port + 2), http: loopback(port + 3), key: key, history: n.history,
	}
}
