package node_test

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"weir/consensus"
	"weir/node"
	"weir/node/home"
)

// childVar tells a process of this test binary to be a node: home, key, PostgreSQL address.
const childVar = "WEIR_TEST_NODE"

// TestMain runs a node instead of the tests in child processes.
func TestMain(m *testing.M) {
	dir := os.Getenv(childVar)
	if dir == "" {
		os.Exit(m.Run())
	}
	seed, err := hex.DecodeString(os.Getenv(childVar + "_KEY"))
	if err == nil {
		err = node.Run(context.Background(), node.Options{
			Home: dir, Name: "node0", Gateway: ed25519.NewKeyFromSeed(seed),
			PG: os.Getenv(childVar + "_PG"),
		})
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// spawn starts the network's node as a process of its own.
func (n *network) spawn(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"="+n.home, childVar+"_PG="+n.pg,
		childVar+"_KEY="+hex.EncodeToString(n.key.Seed()))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd
}

// reach waits until the node answers.
func (n *network) reach(t *testing.T) *pgx.Conn {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := pgx.Connect(t.Context(), n.url())
		if err == nil {
			return c
		}
		if time.Now().After(end) {
			t.Fatal("the node does not answer: ", err)
		}
	}
}

// TestKill kills a validator with SIGKILL at random moments while rows come in, several times.
// Every row whose INSERT was acknowledged is there exactly once afterwards, and the view counts
// exactly the rows of the stream. Checkpoints come every few blocks, so some deaths fall into
// one, and some restarts begin at one; old blocks are given up all the time. After each death the
// ledger is sound, and in the end the blocks that are left agree with it.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for some seconds")
	}
	const seed, kills = 20261124, 6
	rng := rand.New(rand.NewPCG(seed, 3))
	n := makeNetwork(t, func(p *parameters) { p.CheckpointBlocks = 5 })
	n.shortEvidence(t, 5, time.Millisecond)
	cmd := n.spawn(t)
	c := n.reach(t)
	run(t, c, "CREATE STREAM", "CREATE STREAM events (id bigint)")
	run(t, c, "CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW counted AS "+
		"SELECT id, count(*) AS n FROM events GROUP BY id")
	acknowledged := map[int64]bool{}
	next := int64(0)
	for round := range kills {
		deadline := time.After(time.Duration(50+rng.IntN(700)) * time.Millisecond)
		died := make(chan struct{})
		go func() {
			<-deadline
			_ = cmd.Process.Signal(syscall.SIGKILL)
			_ = cmd.Wait()
			close(died)
		}()
		for {
			next++
			_, err := c.Exec(t.Context(), "INSERT INTO events VALUES ($1)", next)
			if err != nil {
				break
			}
			acknowledged[next] = true
		}
		<-died
		if r, err := home.Check(t.Context(), n.home, 1, nil); err != nil || r.Problems > 0 {
			t.Errorf("after kill %d of seed %d: %+v, %v", round+1, seed, r, err)
		}
		cmd = n.spawn(t)
		c = n.reach(t)
		if err := checkRows(t.Context(), c, acknowledged); err != nil {
			t.Fatalf("after kill %d of seed %d: %v", round+1, seed, err)
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	a, err := home.Audit(t.Context(), n.home, home.AuditOptions{})
	if err != nil || a.Fault != nil || a.From == 0 {
		t.Errorf("audit: %+v, %v", a, err)
	}
	s, err := consensus.OpenStores(n.home)
	if err != nil {
		t.Fatal(err)
	}
	if s.Base() < 5 {
		t.Errorf("blocks are stored from %d on", s.Base())
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("%d rows acknowledged over %d kills, all there", len(acknowledged), kills)
	if len(acknowledged) < kills {
		t.Error("too few rows to mean anything")
	}
}

// checkRows compares the stream and the view with what was acknowledged, both as of one height:
// a row that was not acknowledged may still come between two statements.
func checkRows(ctx context.Context, c *pgx.Conn, acknowledged map[int64]bool) (err error) {
	if _, err := c.Exec(ctx, "BEGIN"); err != nil {
		return err
	}
	defer func() {
		_, e := c.Exec(ctx, "COMMIT")
		err = errors.Join(err, e)
	}()
	rows, err := c.Query(ctx, "SELECT id, n FROM counted")
	if err != nil {
		return err
	}
	defer rows.Close()
	seen := map[int64]int64{}
	for rows.Next() {
		var id, n int64
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		seen[id] = n
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	for id := range acknowledged {
		if seen[id] != 1 {
			return fmt.Errorf("row %d was acknowledged and is there %d times", id, seen[id])
		}
	}
	var inStream int64
	if err := c.QueryRow(ctx, "SELECT count(*) FROM events").Scan(&inStream); err != nil {
		return err
	}
	if int(inStream) != len(seen) {
		return errors.New("the stream and the view disagree")
	}
	return nil
}
