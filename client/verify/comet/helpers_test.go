package comet_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	"github.com/cometbft/cometbft/types"
	"pgregory.net/rapid"

	"weir/client/verify/comet"
	"weir/client/verify/refusal"
)

// signers holds private keys by address.
type signers map[string]ed25519.PrivKey

// makeSet returns a CometBFT set of the given powers, with keys made from name.
func makeSet(name string, powers ...int64) (*types.ValidatorSet, signers) {
	keys := signers{}
	var vals []*types.Validator
	for i, p := range powers {
		key := ed25519.GenPrivKeyFromSecret([]byte{byte(i), byte(len(name))})
		if name != "" {
			key = ed25519.GenPrivKeyFromSecret(append([]byte(name), byte(i)))
		}
		v := types.NewValidator(key.PubKey(), p)
		keys[string(v.Address)] = key
		vals = append(vals, v)
	}
	return types.NewValidatorSet(vals), keys
}

// makeHeader returns a plausible CometBFT header.
func makeHeader(height int64, vals, next *types.ValidatorSet) *types.Header {
	sum := func(b string) []byte { s := sha256.Sum256([]byte(b)); return s[:] }
	return &types.Header{
		Version: cmtversion.Consensus{Block: 11, App: 3}, ChainID: "weir-test", Height: height,
		Time:           time.Unix(1_700_000_000+height, 42).UTC(),
		LastBlockID:    blockID(sum("last")),
		LastCommitHash: sum("lc"), DataHash: sum("data"), ValidatorsHash: vals.Hash(),
		NextValidatorsHash: next.Hash(), ConsensusHash: sum("params"), AppHash: sum("app"),
		LastResultsHash: sum("results"), EvidenceHash: sum("evidence"),
		ProposerAddress: vals.Validators[0].Address,
	}
}

func blockID(hash []byte) types.BlockID {
	parts := sha256.Sum256([]byte("parts"))
	return types.BlockID{Hash: hash, PartSetHeader: types.PartSetHeader{Total: 1, Hash: parts[:]}}
}

// sign makes a commit with the keys at hand; validators without a key are absent.
func sign(h *types.Header, vals *types.ValidatorSet, keys signers) *types.Commit {
	c := &types.Commit{Height: h.Height, Round: 1, BlockID: blockID(h.Hash())}
	for i, v := range vals.Validators {
		key, ok := keys[string(v.Address)]
		if !ok {
			c.Signatures = append(c.Signatures, types.NewCommitSigAbsent())
			continue
		}
		c.Signatures = append(c.Signatures, types.CommitSig{
			BlockIDFlag: types.BlockIDFlagCommit, ValidatorAddress: v.Address,
			Timestamp: h.Time.Add(time.Duration(i) * time.Millisecond),
		})
		resign(c, i, h.ChainID, key)
	}
	return c
}

// resign signs vote i of the commit again.
func resign(c *types.Commit, i int, chainID string, key ed25519.PrivKey) {
	sig, err := key.Sign(c.VoteSignBytes(chainID, int32(i)))
	if err != nil {
		panic(err)
	}
	c.Signatures[i].Signature = sig
}

func fromHeader(h *types.Header) comet.Header {
	return comet.Header{
		VersionBlock: h.Version.Block, VersionApp: h.Version.App, ChainID: h.ChainID,
		Height: h.Height, Time: fromTime(h.Time), LastBlockID: fromBlockID(h.LastBlockID),
		LastCommitHash: h.LastCommitHash, DataHash: h.DataHash,
		ValidatorsHash: h.ValidatorsHash, NextValidatorsHash: h.NextValidatorsHash,
		ConsensusHash: h.ConsensusHash, AppHash: h.AppHash,
		LastResultsHash: h.LastResultsHash, EvidenceHash: h.EvidenceHash,
		Proposer: comet.Address(h.ProposerAddress),
	}
}

func fromTime(t time.Time) comet.Time {
	return comet.Time{Seconds: t.Unix(), Nanos: int32(t.Nanosecond())}
}

func fromBlockID(id types.BlockID) comet.BlockID {
	return comet.BlockID{
		Hash: id.Hash, PartsTotal: id.PartSetHeader.Total, PartsHash: id.PartSetHeader.Hash,
	}
}

func fromCommit(c *types.Commit) comet.Commit {
	out := comet.Commit{Height: c.Height, Round: c.Round, BlockID: fromBlockID(c.BlockID)}
	for _, s := range c.Signatures {
		sig := comet.CommitSig{Flag: comet.Flag(s.BlockIDFlag)}
		if s.BlockIDFlag != types.BlockIDFlagAbsent {
			copy(sig.Address[:], s.ValidatorAddress)
			copy(sig.Signature[:], s.Signature)
			sig.Time = fromTime(s.Timestamp)
		}
		out.Signatures = append(out.Signatures, sig)
	}
	return out
}

func fromSet(s *types.ValidatorSet) comet.Set {
	var out comet.Set
	for _, v := range s.Validators {
		out = append(out, comet.Validator{Key: [32]byte(v.PubKey.Bytes()), Power: v.VotingPower})
	}
	return out
}

func signed(h *types.Header, vals *types.ValidatorSet, keys signers) comet.SignedHeader {
	return comet.SignedHeader{Header: fromHeader(h), Commit: fromCommit(sign(h, vals, keys))}
}

// wantCode fails unless err is a refusal with the code; 0 means no error.
func wantCode(t testing.TB, err error, want refusal.Code) {
	t.Helper()
	if (err == nil) != (want == 0) || refusal.CodeOf(err) != want {
		t.Errorf("got %v, want %v", err, want)
	}
}

// drawHeader generates a header with CometBFT's freedoms.
func drawHeader(t *rapid.T) *types.Header {
	hash := rapid.Custom(func(t *rapid.T) []byte {
		if rapid.IntRange(0, 4).Draw(t, "none") == 0 {
			return nil
		}
		return rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash")
	})
	full := rapid.SliceOfN(rapid.Byte(), 32, 32)
	return &types.Header{
		Version: cmtversion.Consensus{Block: 11, App: rapid.Uint64().Draw(t, "app")},
		ChainID: rapid.StringMatching(`[ -~]{1,50}`).Draw(t, "chain"),
		Height:  rapid.Int64Range(1, 1<<62).Draw(t, "height"),
		Time: time.Unix(rapid.Int64Range(-62_135_596_800, 253_402_300_799).Draw(t, "seconds"),
			rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC(),
		LastBlockID: types.BlockID{Hash: hash.Draw(t, "last"), PartSetHeader: types.PartSetHeader{
			Total: rapid.Uint32().Draw(t, "total"), Hash: hash.Draw(t, "parts"),
		}},
		LastCommitHash: hash.Draw(t, "lc"), DataHash: hash.Draw(t, "data"),
		ValidatorsHash: full.Draw(t, "vals"), NextValidatorsHash: full.Draw(t, "next"),
		ConsensusHash: hash.Draw(t, "params"), AppHash: hash.Draw(t, "apphash"),
		LastResultsHash: hash.Draw(t, "results"), EvidenceHash: hash.Draw(t, "evidence"),
		ProposerAddress: rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "proposer"),
	}
}
