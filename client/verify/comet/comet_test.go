package comet_test

import (
	"bytes"
	"testing"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/types"
	"pgregory.net/rapid"

	"weir/client/verify/comet"
	"weir/client/verify/refusal"
	"weir/client/verify/wire"
)

// TestHeaderHash compares header hashes with CometBFT's, and round-trips the codec.
func TestHeaderHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHeader(t)
		own := fromHeader(h)
		if got := own.Hash(); !bytes.Equal(got[:], h.Hash()) {
			t.Fatalf("hash %v, CometBFT has %v", got, h.Hash())
		}
		b := comet.AppendHeader(nil, &own)
		r := wire.NewReader(b)
		back := comet.DecodeHeader(r)
		if err := r.Done(); err != nil || !bytes.Equal(comet.AppendHeader(nil, &back), b) {
			t.Fatalf("codec: %v", err)
		}
		if back.Hash() != own.Hash() {
			t.Fatal("the codec changes the hash")
		}
	})
}

// TestSetHash compares set hashes and orders with CometBFT's, also after CometBFT's updates.
func TestSetHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, _ := makeSet("set", rapid.SliceOfN(rapid.Int64Range(1, 5), 1, 20).Draw(t, "powers")...)
		if rapid.Bool().Draw(t, "update") {
			v := set.Validators[0].Copy()
			v.VotingPower = rapid.Int64Range(1, 1<<40).Draw(t, "power")
			if err := set.UpdateWithChangeSet([]*types.Validator{v}); err != nil {
				t.Fatal(err)
			}
		}
		own := fromSet(set)
		if got := own.Hash(); !bytes.Equal(got[:], set.Hash()) {
			t.Fatalf("hash %v, CometBFT has %X", got, set.Hash())
		}
		if total, err := own.Check(); err != nil || total != set.TotalVotingPower() {
			t.Fatalf("total %d, %v; CometBFT has %d", total, err, set.TotalVotingPower())
		}
	})
}

// TestCommit compares sign bytes and verdicts with CometBFT's over commits that are honest or
// damaged in one place.
func TestCommit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, keys := makeSet("c", rapid.SliceOfN(rapid.Int64Range(1, 9), 1, 7).Draw(t, "powers")...)
		h := makeHeader(rapid.Int64Range(1, 1<<37).Draw(t, "height"), set, set)
		c := sign(h, set, keys)
		damage(t, c, h.ChainID, set, keys)
		own := comet.SignedHeader{Header: fromHeader(h), Commit: fromCommit(c)}
		for i := range c.Signatures {
			if c.Signatures[i].BlockIDFlag == types.BlockIDFlagAbsent {
				continue
			}
			got, want := own.Commit.SignBytes(h.ChainID, i), c.VoteSignBytes(h.ChainID, int32(i))
			if !bytes.Equal(got, want) {
				t.Fatalf("sign bytes %x, CometBFT has %x", got, want)
			}
		}
		err := comet.VerifySigned(&own, h.ChainID, fromSet(set))
		want := set.VerifyCommit(h.ChainID, blockID(h.Hash()), h.Height, c)
		if (err == nil) != (want == nil) {
			t.Fatalf("verdict %v, CometBFT says %v", err, want)
		}
		if err == nil {
			short := own
			short.Commit = own.Commit.Shorten(fromSet(set))
			if err := comet.VerifySigned(&short, h.ChainID, fromSet(set)); err != nil {
				t.Fatal("shortened:", err)
			}
		}
	})
}

// damage makes votes absent or nil and then may break one thing of the commit.
func damage(t *rapid.T, c *types.Commit, chainID string, set *types.ValidatorSet, keys signers) {
	for i := range c.Signatures {
		switch rapid.IntRange(0, 9).Draw(t, "vote") {
		case 0:
			c.Signatures[i] = types.NewCommitSigAbsent()
		case 1:
			c.Signatures[i].BlockIDFlag = types.BlockIDFlagNil
			resign(c, i, chainID, keys[string(set.Validators[i].Address)])
		}
	}
	i := rapid.IntRange(0, len(c.Signatures)-1).Draw(t, "index")
	s := &c.Signatures[i]
	kind := rapid.IntRange(0, 9).Draw(t, "damage")
	if s.BlockIDFlag == types.BlockIDFlagAbsent && kind < 4 {
		return
	}
	switch kind {
	case 0:
		s.Signature[rapid.IntRange(0, 63).Draw(t, "byte")] ^= 1
	case 1:
		s.Timestamp = s.Timestamp.Add(1)
	case 2: // another validator's vote in this place
		s.ValidatorAddress = set.Validators[(i+1)%set.Size()].Address
	case 3:
		resign(c, i, "other", keys[string(set.Validators[i].Address)])
	case 4:
		c.Height++
	case 5:
		c.Round++
	case 6:
		c.BlockID.Hash = bytes.Repeat([]byte{7}, 32)
	case 7:
		c.BlockID.PartSetHeader.Total++
	case 8:
		c.Signatures = c.Signatures[:len(c.Signatures)-1]
	}
}

// TestTwoThirds stands exactly at and just above two thirds.
func TestTwoThirds(t *testing.T) {
	for _, c := range []struct {
		powers []int64
		sign   int // the first validators in order of power
		want   refusal.Code
	}{
		{[]int64{10, 10, 10}, 2, refusal.Power},
		{[]int64{10, 10, 10}, 3, 0},
		{[]int64{21, 10}, 1, 0},
		{[]int64{20, 10}, 1, refusal.Power},
		{[]int64{10, 10, 10, 10}, 3, 0},
		{[]int64{10, 10, 10, 10}, 2, refusal.Power},
		{[]int64{1}, 1, 0},
		{[]int64{1}, 0, refusal.Power},
		{[]int64{comet.MaxTotalPower}, 1, 0},
		{[]int64{comet.MaxTotalPower - 1, 1}, 1, 0},
	} {
		set, keys := makeSet("t", c.powers...)
		for _, v := range set.Validators[c.sign:] {
			delete(keys, string(v.Address))
		}
		sh := signed(makeHeader(7, set, set), set, keys)
		wantCode(t, comet.VerifySigned(&sh, "weir-test", fromSet(set)), c.want)
	}
}

// TestTachyon puts the votes of one validator in the places of others, as in CSA-2026-001.
func TestTachyon(t *testing.T) {
	set, keys := makeSet("t", 10, 10, 10, 10)
	h := makeHeader(7, set, set)
	sh := signed(h, set, keys)
	for i := range 3 {
		sh.Commit.Signatures[i] = sh.Commit.Signatures[3]
	}
	wantCode(t, comet.VerifySigned(&sh, "weir-test", fromSet(set)), refusal.Signature)
}

// TestSmallOrderKey shows that signatures follow ZIP-215, as the validators' do.
func TestSmallOrderKey(t *testing.T) {
	var key [comet.KeySize]byte // y = 0: a point of order 4
	var sig [comet.SignatureSize]byte
	theirs := ed25519.PubKey(key[:])
	for i := range 64 {
		msg := []byte{byte(i)}
		if comet.VerifySignature(&key, msg, &sig) != theirs.VerifySignature(msg, sig[:]) {
			t.Fatalf("message %d: the verifiers disagree", i)
		}
	}
}

// TestSetLimits checks a set's limits at n and n+1, and its other rules.
func TestSetLimits(t *testing.T) {
	set := make(comet.Set, comet.MaxValidators+1)
	for i := range set {
		set[i] = comet.Validator{Key: [32]byte{byte(i), byte(i >> 8)}, Power: int64(len(set) - i)}
	}
	_, err := set[:comet.MaxValidators].Check()
	wantCode(t, err, 0)
	_, err = set.Check()
	wantCode(t, err, refusal.TooLarge)
	for _, n := range []int{comet.MaxValidators, comet.MaxValidators + 1} {
		r := wire.NewReader(comet.AppendSet(nil, set[:n]))
		comet.DecodeSet(r)
		wantCode(t, r.Done(), map[bool]refusal.Code{true: refusal.TooLarge}[n > comet.MaxValidators])
	}
	a, b := comet.Validator{Key: [32]byte{1}, Power: 5}, comet.Validator{Key: [32]byte{2}, Power: 4}
	for name, bad := range map[string]comet.Set{
		"empty": {}, "order": {b, a}, "twice": {a, comet.Validator{Key: a.Key, Power: 3}},
		"zero":     {comet.Validator{Key: a.Key}},
		"negative": {a, comet.Validator{Key: b.Key, Power: -1}},
		"overflow": {comet.Validator{Key: a.Key, Power: comet.MaxTotalPower}, b},
	} {
		if _, err := bad.Check(); refusal.CodeOf(err) != refusal.Set {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkVerifySigned(b *testing.B) {
	set, keys := makeSet("b", 10, 10, 10, 10)
	sh, own := signed(makeHeader(7, set, set), set, keys), fromSet(set)
	for b.Loop() {
		if err := comet.VerifySigned(&sh, "weir-test", own); err != nil {
			b.Fatal(err)
		}
	}
}
