package consensus

import (
	"fmt"
	"sort"

	"github.com/cometbft/cometbft/evidence"
	sm "github.com/cometbft/cometbft/state"
	blocks "github.com/cometbft/cometbft/store"
)

// Retain returns the lowest block that has to be kept when the application needs those from a
// height on: none that evidence of misbehaviour may still name goes, or nodes would judge evidence
// differently, and none whose change of validators was not kept for proofs. 0 keeps all.
func (n *Node) Retain(needed int64) (int64, error) {
	return retain(n.node.BlockStore(), n.states, n.trust, needed)
}

func retain(b *blocks.BlockStore, states sm.Store, t *trust, needed int64) (int64, error) {
	if needed <= b.Base() {
		return 0, nil
	}
	st, err := states.Load()
	if err != nil {
		return 0, fmt.Errorf("consensus: state: %w", err)
	}
	low := min(needed, evidenceFrom(b, &st))
	if low <= b.Base() {
		return 0, nil
	}
	if err := t.advance(low); err != nil {
		return 0, err
	}
	return low, nil
}

// evidenceFrom is the lowest stored height that evidence may name: it is too old only when both
// its age in blocks and its age in time are beyond the limits.
func evidenceFrom(b *blocks.BlockStore, st *sm.State) int64 {
	base, height := b.Base(), st.LastBlockHeight
	if height < base {
		return base
	}
	return base + int64(sort.Search(int(height-base), func(i int) bool {
		h := base + int64(i)
		meta := b.LoadBlockMeta(h)
		return meta != nil && !evidence.IsEvidenceExpired(height, st.LastBlockTime, h,
			meta.Header.Time, st.ConsensusParams.Evidence)
	}))
}

// Prune removes the blocks below the height that has to be kept when the application needs those
// from a height on, and returns how many. It is what a running node does when it commits.
func (s *Stores) Prune(needed int64) (uint64, error) {
	low, err := retain(s.blocks, s.states, s.trust, needed)
	base := s.blocks.Base()
	if err != nil || low <= base {
		return 0, err
	}
	st, err := s.states.Load()
	if err != nil {
		return 0, fmt.Errorf("consensus: state: %w", err)
	}
	n, from, err := s.blocks.PruneBlocks(low, st)
	if err == nil {
		err = s.states.PruneStates(base, low, from)
	}
	if err != nil {
		return n, fmt.Errorf("consensus: prune: %w", err)
	}
	return n, nil
}

// Compact makes what was pruned leave the disk.
func (s *Stores) Compact() error {
	for _, name := range storeNames {
		if err := s.dbs[name].Compact(nil, nil); err != nil {
			return fmt.Errorf("consensus: compact %s: %w", name, err)
		}
	}
	return nil
}
