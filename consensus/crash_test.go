package consensus

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	cmtstore "github.com/cometbft/cometbft/store"
)

// The commit rule: a block is acknowledged from Commit on without an fsync of the application,
// and no crash may take it back. These tests kill a validator at random and at every fail point
// of CometBFT, on stores as they are and on stores that lose unsynced writes, and compare all
// that was acknowledged with a re-execution of the stored chain from genesis.
//
// Not simulated: loss of the consensus log's and the key file's unsynced bytes (SIGKILL spares
// the page cache), torn or reordered sectors.
//
// WEIR_CRASH=long runs ten times as many kills and twice as many fail points.

const (
	lifeLimit = 30 * time.Second // a life without its end is stuck
	failUntil = 30               // the last fail point of the default run
	killsEach = 15
	newBlocks = 60 // up to so many between two kills
)

func long() bool { return os.Getenv("WEIR_CRASH") == "long" }

// crashes are the lives of one validator and all that it has acknowledged.
type crashes struct {
	t     *testing.T
	home  string
	every int64
	power bool
	lie   int
	rng   *rand.Rand

	acks   map[int64]string
	top    int64
	lives  int
	replay int64 // blocks acknowledged again
}

func newCrashes(t *testing.T, every int64, power bool, lie int) *crashes {
	t.Helper()
	if testing.Short() {
		t.Skip("kills processes for many seconds")
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("WEIR_CRASH_SEED"); s != "" {
		v, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = v
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("rerun: WEIR_CRASH_SEED=%d go test ./consensus -run '^%s$'", seed, t.Name())
		}
	})
	c := &crashes{
		t: t, home: memoryDir(t), every: every, power: power, lie: lie,
		rng: rand.New(rand.NewPCG(seed, 0)), acks: map[int64]string{},
	}
	opts := InitOptions{Home: c.home, ChainID: "crash", Port: freePorts(t, 1)}
	if _, err := InitHome(opts); err != nil {
		t.Fatal(err)
	}
	// A chain that never waits: the application invents transactions itself.
	path := filepath.Join(c.home, "config", "config.toml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"create_empty_blocks = false", "create_empty_blocks = true"},
		{`create_empty_blocks_interval = "1s"`, `create_empty_blocks_interval = "0s"`},
	} {
		if !bytes.Contains(b, []byte(change[0])) {
			t.Fatalf("config.toml does not say %s", change[0])
		}
		b = bytes.Replace(b, []byte(change[0]), []byte(change[1]), 1)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// memoryDir is a directory without a disk behind it, where there is one: SIGKILL spares what
// the kernel holds, so waiting for a disk proves nothing here.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "weir-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// event is a line of a child: info, ack, fault, stuck, or a fail point.
type event struct {
	name   string
	height int64
	text   string
}

// life runs the validator until it ends by itself or kill says so of an event.
func (c *crashes) life(failIndex int, kill func(event) bool) (failPoint bool) {
	c.t.Helper()
	c.lives++
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), envHome+"="+c.home, fmt.Sprint(envEvery, "=", c.every),
		fmt.Sprint(envLie, "=", c.lie))
	if c.power {
		cmd.Env = append(cmd.Env, envPower+"=1")
	}
	if failIndex >= 0 {
		cmd.Env = append(cmd.Env, fmt.Sprint("FAIL_TEST_INDEX=", failIndex))
	}
	stdin, err := cmd.StdinPipe() // stays open while this process lives
	if err != nil {
		c.t.Fatal(err)
	}
	defer stdin.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	stuck := false
	timer := time.AfterFunc(lifeLimit, func() { stuck = cmd.Process.Kill() == nil })
	killed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		e := parseEvent(lines.Text())
		failPoint = failPoint || e.name == "***"
		c.take(e)
		if !killed && kill(e) {
			killed = true
			cmd.Process.Kill() // and read what it had said before
		}
	}
	timer.Stop()
	cmd.Wait()
	if stuck || !killed && !failPoint {
		c.t.Fatalf("life %d ended by itself or stood still (%v) at height %d\n%s",
			c.lives, cmd.ProcessState, c.top, stderr.String())
	}
	return failPoint
}

func parseEvent(line string) event {
	e := event{text: line}
	var rest string
	e.name, rest, _ = strings.Cut(line, " ")
	number, _, _ := strings.Cut(rest, " ")
	e.height, _ = strconv.ParseInt(number, 10, 64)
	return e
}

// take checks an acknowledgement against those of earlier lives.
func (c *crashes) take(e event) {
	switch e.name {
	case "fault", "stuck":
		c.t.Errorf("life %d: %s", c.lives, e.text)
	case "ack":
		if old, ok := c.acks[e.height]; ok {
			c.replay++
			if old != e.text {
				c.t.Errorf("life %d: %q, before %q", c.lives, e.text, old)
			}
		}
		c.acks[e.height] = e.text
		c.top = max(c.top, e.height)
	}
}

// faults re-executes the stored chain from genesis and compares it with what was acknowledged.
func (c *crashes) faults() (found []string) {
	c.t.Helper()
	conf, err := loadConfig(c.home)
	if err != nil {
		c.t.Fatal(err)
	}
	db, err := openStore(&cfg.DBContext{ID: "blockstore", Config: conf})
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	blocks := cmtstore.NewBlockStore(db)
	if blocks.Height() < c.top {
		found = append(found, fmt.Sprintf("acknowledged up to %d, stored up to %d",
			c.top, blocks.Height()))
	}
	var hash [32]byte
	big := 0
	for h := int64(1); h <= blocks.Height(); h++ {
		b := blocks.LoadBlock(h)
		if b == nil {
			return append(found, fmt.Sprintf("no block %d", h))
		}
		if blocks.LoadBlockMeta(h).BlockID.PartSetHeader.Total > 10 {
			big++
		}
		hash = nextState(hash, b.Txs.ToSliceOfBytes())
		twin := fmt.Sprintf("ack %d %x %d", h, hash[:8], len(b.Txs))
		if got, ok := c.acks[h]; ok && got != twin {
			found = append(found, fmt.Sprintf("%q, twin %q", got, twin))
		}
	}
	c.t.Logf("%d lives, %d blocks acknowledged and found equal, %d of them again after a crash, "+
		"%d of more than ten parts", c.lives, len(c.acks), c.replay, big)
	if big == 0 && c.top > 50 {
		c.t.Error("no block of more than ten parts")
	}
	return found
}

func (c *crashes) judge() {
	c.t.Helper()
	for _, f := range c.faults() {
		c.t.Error(f)
	}
}

// killAtRandom kills the validator after some new blocks, and one time in four while it still
// re-executes old ones.
func (c *crashes) killAtRandom(times int) {
	for range times {
		at := c.top + 1 + c.rng.Int64N(newBlocks)
		replaying := c.top > 0 && c.rng.IntN(4) == 0
		pause := time.Duration(c.rng.IntN(5000)) * time.Microsecond
		c.life(-1, func(e event) bool {
			if replaying && e.name == "info" || e.name == "ack" && e.height >= at {
				time.Sleep(pause)
				return true
			}
			return false
		})
	}
}

func kills() int {
	if long() {
		return 10 * killsEach
	}
	return killsEach
}

func TestCommitRuleKilled(t *testing.T) {
	c := newCrashes(t, 20, false, 0)
	c.killAtRandom(kills())
	c.judge()
}

func TestCommitRulePowerLoss(t *testing.T) {
	c := newCrashes(t, 20, true, 0)
	c.killAtRandom(kills())
	c.judge()
}

// failPoints lets the validator die at each fail point in turn, each life beginning with the
// recovery from the one before.
func (c *crashes) failPoints() {
	last := failUntil
	if long() {
		last *= 2
	}
	for i := range last + 1 {
		if !c.life(i, func(event) bool { return false }) {
			c.t.Fatalf("fail point %d was not reached", i)
		}
	}
	top := c.top
	c.life(-1, func(e event) bool { return e.name == "ack" && e.height > top })
	c.judge()
}

func TestCommitRuleFailPoints(t *testing.T) { newCrashes(t, 3, false, 0).failPoints() }

func TestCommitRuleFailPointsPowerLoss(t *testing.T) { newCrashes(t, 3, true, 0).failPoints() }

// TestLyingDiskIsSeen shows that the proof can fail: a disk that ignores most syncs loses blocks
// that were acknowledged, and the comparison says so.
func TestLyingDiskIsSeen(t *testing.T) {
	c := newCrashes(t, 1000, true, 50)
	c.life(-1, func(e event) bool { return e.name == "ack" && e.height >= 25 })
	if found := c.faults(); len(found) == 0 {
		t.Fatal("a disk that lies was not noticed")
	} else {
		t.Log(found[0])
	}
}
