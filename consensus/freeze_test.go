package consensus

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestCopyStores copies the stores of a validator while it makes blocks, changes its set and gives
// up old blocks. Every copy is what a crash leaves: the state is that of the last block or of the
// one before, and every block has its validators.
func TestCopyStores(t *testing.T) {
	home := t.TempDir()
	h, err := InitHome(InitOptions{Home: home, ChainID: "t", Port: freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	shortEvidence(t, home, 5, time.Millisecond)
	app := &movingApp{key: h.PubKey, keep: 3}
	n, err := Start(t.Context(), Config{Home: home, App: app})
	if err != nil {
		t.Fatal(err)
	}
	app.node.Store(n)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			if _, _, err := n.SubmitTx(t.Context(), fmt.Appendf(nil, "tx %d", i)); err != nil {
				ended <- err
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	pruned := false
	for i := range 25 {
		waitHeight(t, n, int64(2*i+1))
		copied := filepath.Join(t.TempDir(), "copy")
		err := os.CopyFS(filepath.Join(copied, "config"), os.DirFS(filepath.Join(home, "config")))
		if err != nil {
			t.Fatal(err)
		}
		release := n.Hold()
		for _, f := range n.CopyStores(filepath.Join(copied, "data")) {
			if err := f(); err != nil {
				t.Error(err)
			}
		}
		release()
		pruned = checkCopy(t, copied) > 1 || pruned
	}
	if !pruned {
		t.Error("no block was ever pruned")
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	testChanges(t, home)
}

// checkCopy opens a copy and returns the lowest block.
func checkCopy(t *testing.T, home string) int64 {
	t.Helper()
	s, err := OpenStores(home)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	state, err := s.StateHeight()
	if err != nil || state != s.Height() && state != s.Height()-1 {
		t.Fatalf("state %d, blocks to %d, %v", state, s.Height(), err)
	}
	for h := s.Base(); h <= state; h++ {
		if _, err := lightBlock(s.blocks, s.states, h); err != nil {
			t.Errorf("blocks %d to %d, block %d: %v", s.Base(), s.Height(), h, err)
		}
	}
	all, err := s.trust.list(1, state)
	if want := countAtMost(state, 5, 9); err != nil || len(all) != want {
		t.Errorf("at %d there are %d transitions, want %d; %v", state, len(all), want, err)
	}
	return s.Base()
}

func countAtMost(height int64, list ...int64) (n int) {
	for _, h := range list {
		if h <= height {
			n++
		}
	}
	return n
}
