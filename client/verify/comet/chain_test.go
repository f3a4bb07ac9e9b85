package comet_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cometbft/cometbft/types"

	"weir/client/verify/comet"
	"weir/client/verify/refusal"
	"weir/client/verify/wire"
)

// history is a chain whose validators change after heights 10 and 20.
type history struct {
	sets  [3]*types.ValidatorSet
	keys  [3]signers
	root  comet.Root
	chain comet.Chain
}

// newHistory builds the honest chain of trust to header 30.
func newHistory(t testing.TB) *history {
	h := &history{}
	for i, name := range []string{"a", "b", "c"} {
		h.sets[i], h.keys[i] = makeSet(name, 10, 10, 10, 10)
	}
	h.root = comet.Root{Genesis: &comet.Genesis{
		ChainID: "weir-test", InitialHeight: 1, Set: fromSet(h.sets[0]),
	}}
	h.chain = comet.Chain{
		Links: []comet.Link{h.link(t, 10, 0), h.link(t, 20, 1)},
		Final: signed(makeHeader(30, h.sets[2], h.sets[2]), h.sets[2], h.keys[2]),
	}
	return h
}

// link hands over from set i to the next at a height.
func (h *history) link(t testing.TB, height int64, i int) comet.Link {
	header := makeHeader(height, h.sets[i], h.sets[i+1])
	return comet.Link{
		SignedHeader: signed(header, h.sets[i], h.keys[i]), Next: fromSet(h.sets[i+1]),
	}
}

func TestChain(t *testing.T) {
	h := newHistory(t)
	relied, err := h.chain.Verify(&h.root)
	if err != nil {
		t.Fatal(err)
	}
	var from []int64
	for i, s := range relied {
		from = append(from, s.From)
		if !bytes.Equal(s.Hash[:], h.sets[i].Hash()) || s.Validators != 4 || s.Power != 40 {
			t.Errorf("relied on %+v", s)
		}
	}
	if len(from) != 3 || from[0] != 1 || from[1] != 11 || from[2] != 21 {
		t.Errorf("sets from heights %v", from)
	}
	b := h.chain.Append(nil)
	r := wire.NewReader(b)
	back := comet.DecodeChain(r)
	if err := r.Done(); err != nil || !bytes.Equal(back.Append(nil), b) {
		t.Errorf("codec: %v", err)
	}
	if _, err := back.Verify(&h.root); err != nil {
		t.Error(err)
	}
}

// TestAnchor starts at a trusted header instead of genesis.
func TestAnchor(t *testing.T) {
	h := newHistory(t)
	anchor := fromHeader(makeHeader(20, h.sets[1], h.sets[2]))
	root, err := comet.ParseRoot("20:" + strings.ToLower(anchor.Hash().String()))
	if err != nil {
		t.Fatal(err)
	}
	start := &comet.Anchor{Header: anchor, Next: fromSet(h.sets[2])}
	chain := comet.Chain{Anchor: start, Final: h.chain.Final}
	relied, err := chain.Verify(&root)
	if err != nil || len(relied) != 1 || relied[0].From != 21 {
		t.Errorf("%+v, %v", relied, err)
	}
	b := chain.Append(nil)
	r := wire.NewReader(b)
	if back := comet.DecodeChain(r); r.Done() != nil || !bytes.Equal(back.Append(nil), b) {
		t.Error("codec:", r.Err())
	}

	_, err = chain.Verify(&h.root)
	wantCode(t, err, refusal.Root)
	_, err = h.chain.Verify(&root)
	wantCode(t, err, refusal.Root)
	other := root
	other.Hash[0] ^= 1
	_, err = chain.Verify(&other)
	wantCode(t, err, refusal.Root)
	chain.Anchor.Next = fromSet(h.sets[1])
	_, err = chain.Verify(&root)
	wantCode(t, err, refusal.Set)
	hash := root.Hash.String()
	for _, bad := range []string{"", "5", "5:00", "0:" + hash, "x:" + hash} {
		if _, err := comet.ParseRoot(bad); refusal.CodeOf(err) != refusal.Trust {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestChainAttacks lists what a forger may try; none may pass.
func TestChainAttacks(t *testing.T) {
	for name, c := range map[string]struct {
		forge func(t testing.TB, h *history)
		want  refusal.Code
	}{
		"skipped set": {func(_ testing.TB, h *history) {
			h.chain.Links = h.chain.Links[:1]
		}, refusal.Set},
		"no links": {func(_ testing.TB, h *history) { h.chain.Links = nil }, refusal.Set},
		"order": {func(_ testing.TB, h *history) {
			l := h.chain.Links
			l[0], l[1] = l[1], l[0]
		}, refusal.Set},
		"other next": {func(_ testing.TB, h *history) {
			h.chain.Links[1].Next = fromSet(h.sets[0])
		}, refusal.Set},
		"half of the old set appoints thieves": {func(t testing.TB, h *history) {
			stolen := signers{}
			for _, v := range h.sets[0].Validators[:2] {
				stolen[string(v.Address)] = h.keys[0][string(v.Address)]
			}
			thieves := types.NewValidatorSet(h.sets[0].Copy().Validators[:2])
			usurp := makeHeader(10, h.sets[0], thieves)
			h.chain.Links = []comet.Link{
				{SignedHeader: signed(usurp, h.sets[0], stolen), Next: fromSet(thieves)},
			}
			h.chain.Final = signed(makeHeader(1_000_000, thieves, thieves), thieves, stolen)
		}, refusal.Power},
		"thieves skip": {func(t testing.TB, h *history) {
			thieves := types.NewValidatorSet(h.sets[0].Copy().Validators[:2])
			h.chain.Links = nil
			h.chain.Final = signed(makeHeader(1_000_000, thieves, thieves), thieves, h.keys[0])
		}, refusal.Set},
		"time runs back": {func(t testing.TB, h *history) {
			header := makeHeader(20, h.sets[1], h.sets[2])
			header.Time = makeHeader(9, h.sets[1], h.sets[2]).Time
			h.chain.Links[1].SignedHeader = signed(header, h.sets[1], h.keys[1])
		}, refusal.Root},
		"height runs back": {func(t testing.TB, h *history) {
			h.chain.Links[1] = h.link(t, 9, 1)
		}, refusal.Root},
		"no change": {func(t testing.TB, h *history) {
			same := makeHeader(5, h.sets[0], h.sets[0])
			l := comet.Link{SignedHeader: signed(same, h.sets[0], h.keys[0]), Next: fromSet(h.sets[0])}
			h.chain.Links = append([]comet.Link{l}, h.chain.Links...)
		}, refusal.Malformed},
		"other chain": {func(t testing.TB, h *history) {
			header := makeHeader(30, h.sets[2], h.sets[2])
			header.ChainID = "other"
			h.chain.Final = signed(header, h.sets[2], h.keys[2])
		}, refusal.Chain},
		"other protocol": {func(t testing.TB, h *history) {
			header := makeHeader(30, h.sets[2], h.sets[2])
			header.Version.Block = 12
			h.chain.Final = signed(header, h.sets[2], h.keys[2])
		}, refusal.Version},
		"changed app hash": {func(_ testing.TB, h *history) {
			h.chain.Final.Header.AppHash = bytes.Repeat([]byte{1}, 32)
		}, refusal.Signature},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHistory(t)
			c.forge(t, h)
			_, err := h.chain.Verify(&h.root)
			wantCode(t, err, c.want)
		})
	}
}

// TestChainBytes flips bytes of an encoded chain: what still verifies shows the same header.
// Fields that no rule reads (a signer's nil vote, a commit's unused part) may pass.
func TestChainBytes(t *testing.T) {
	h := newHistory(t)
	want := h.chain.Final.Header.Hash()
	b := h.chain.Append(nil)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		m := bytes.Clone(b)
		m[rng.IntN(len(m))] ^= byte(1 + rng.IntN(255))
		r := wire.NewReader(m)
		c := comet.DecodeChain(r)
		if r.Done() != nil {
			continue
		}
		if !bytes.Equal(c.Append(nil), m) {
			t.Fatal("a second encoding decodes")
		}
		if _, err := c.Verify(&h.root); err == nil && c.Final.Header.Hash() != want {
			t.Fatal("another header was accepted")
		} else if err == nil {
			t.Error("a changed byte was accepted")
		}
	}
}

// FuzzDecodeChain looks for panics and second encodings.
func FuzzDecodeChain(f *testing.F) {
	f.Add(newHistory(f).chain.Append(nil))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := wire.NewReader(b)
		c := comet.DecodeChain(r)
		if r.Done() == nil && !bytes.Equal(c.Append(nil), b) {
			t.Error("a second encoding decodes")
		}
	})
}
