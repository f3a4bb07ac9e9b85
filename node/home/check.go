package home

import (
	"context"
	"encoding/hex"
	"errors"

	"weir/app"
	"weir/ledger"
	"weir/ledger/store"
)

// CheckReport is what Check found in the ledger of a home.
type CheckReport struct {
	Oldest      uint64         `json:"oldest_checkpoint"`
	Newest      uint64         `json:"newest_checkpoint"`
	Checkpoints uint64         `json:"checkpoints"`
	Pages       uint64         `json:"pages"`
	Entries     uint64         `json:"entries"`
	StatePages  uint64         `json:"state_pages"`
	Leaves      uint64         `json:"leaves"`
	Payloads    uint64         `json:"payloads"`
	Erased      uint64         `json:"erased_payloads"`
	HashBlocks  uint64         `json:"hash_blocks"`
	Blocks      uint64         `json:"blocks"`
	Changes     uint64         `json:"changes"`
	Listed      uint64         `json:"listed_for_deletion"`
	Leftovers   uint64         `json:"leftovers"`
	Bytes       uint64         `json:"bytes"`
	Problems    uint64         `json:"problems"`
	First       []CheckProblem `json:"first_problems"`
	Unjudged    []string       `json:"unjudged"`
}

// CheckProblem is one thing that is wrong.
type CheckProblem struct {
	Height uint64 `json:"height"` // of the checkpoint or block; 0: none
	Unit   string `json:"unit"`   // empty: none
	Key    string `json:"key"`    // hex
	Error  string `json:"error"`
}

// Check verifies everything in the ledger's store of a stopped node, and writes nothing. progress
// is told how many entries are done; problems is how many are told of.
//
// Errors: ErrRunning, ErrEmpty, that of ctx, those of the store.
func Check(ctx context.Context, home string, problems int, progress func(done, total uint64)) (
	r *CheckReport, err error,
) {
	defer app.Recover(&err) // ctx may end while a page is read
	kv, err := openLedgerStore(home, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, kv.Close()) }()
	f, err := ledger.RunFsck(stoppable{kv, ctx}, ledger.FsckOptions{
		Payload: app.CheckPayload, Progress: progress, Problems: problems,
		CacheBytes: toolCache,
	})
	if err != nil {
		return nil, err
	}
	r = &CheckReport{
		Oldest: f.Oldest, Newest: f.Newest, Checkpoints: f.Checkpoints, Pages: f.Pages,
		Entries: f.Entries, StatePages: f.StatePages, Leaves: f.Leaves, Payloads: f.Payloads,
		Erased: f.Erased, HashBlocks: f.HashBlocks, Blocks: f.Blocks, Changes: f.Changes,
		Listed: f.Listed, Leftovers: f.Leftovers, Bytes: f.Bytes, Problems: f.Problems,
		First: []CheckProblem{}, Unjudged: append([]string{}, f.Unjudged...),
	}
	for _, p := range f.First {
		c := CheckProblem{Height: p.Height, Key: hex.EncodeToString(p.Key), Error: p.Err.Error()}
		if p.Unit != (ledger.Unit{}) {
			c.Unit = app.UnitName(p.Unit, nil)
		}
		r.First = append(r.First, c)
	}
	return r, nil
}

// toolCache is how much memory pages take in a tool.
const toolCache = 256 << 20
