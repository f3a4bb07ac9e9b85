package comet_test

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto/secp256k1"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/types"

	"weir/client/verify/comet"
	"weir/client/verify/refusal"
)

// genesisDoc writes a document with CometBFT's own code.
func genesisDoc(t testing.TB, change func(*types.GenesisDoc)) []byte {
	set, _ := makeSet("g", 3, 7, 7, 1)
	doc := &types.GenesisDoc{
		GenesisTime: time.Unix(1_700_000_000, 0).UTC(), ChainID: "weir-test", InitialHeight: 5,
		AppState: []byte(`{"roles":[{"name":"weir"}]}`), ConsensusParams: types.DefaultConsensusParams(),
	}
	for i, v := range set.Validators {
		g := types.GenesisValidator{PubKey: v.PubKey, Power: v.VotingPower, Name: "v"}
		if i%2 == 0 {
			g.Address = v.Address
		}
		doc.Validators = append(doc.Validators, g)
	}
	if change != nil {
		change(doc)
	}
	b, err := cmtjson.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGenesis(t *testing.T) {
	raw := genesisDoc(t, nil)
	doc, err := types.GenesisDocFromJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	g, err := comet.ParseGenesis(raw)
	if err != nil {
		t.Fatal(err)
	}
	sum := g.Set.Hash()
	if !bytes.Equal(sum[:], doc.ValidatorHash()) || g.ChainID != doc.ChainID || g.InitialHeight != 5 ||
		g.Hash != sha256.Sum256(raw) {
		t.Errorf("%+v", g)
	}
}

func TestGenesisRefused(t *testing.T) {
	for name, raw := range map[string][]byte{
		"empty": nil, "array": []byte("[]"), "text": []byte("{"),
		"no validators": []byte(`{"chain_id":"a"}`),
		"trailing":      append(genesisDoc(t, nil), 'x'),
		"twice": bytes.Replace(genesisDoc(t, nil), []byte(`"chain_id"`),
			[]byte(`"chain_id": "other", "chain_id"`), 1),
		"chain id": genesisDoc(t, func(d *types.GenesisDoc) { d.ChainID = "\x1b[2J" }),
		"long id":  genesisDoc(t, func(d *types.GenesisDoc) { d.ChainID = strings.Repeat("a", 51) }),
		"height":   genesisDoc(t, func(d *types.GenesisDoc) { d.InitialHeight = -1 }),
		"power":    genesisDoc(t, func(d *types.GenesisDoc) { d.Validators[0].Power = 0 }),
		"address": genesisDoc(t, func(d *types.GenesisDoc) {
			d.Validators[0].Address = d.Validators[2].Address
		}),
		"key type": genesisDoc(t, func(d *types.GenesisDoc) {
			d.Validators[0].PubKey, d.Validators[0].Address = secp256k1.GenPrivKey().PubKey(), nil
		}),
	} {
		if _, err := comet.ParseGenesis(raw); refusal.CodeOf(err) != refusal.Trust {
			t.Errorf("%s: %v", name, err)
		}
	}
	big := make([]byte, comet.MaxGenesisBytes+1)
	raw := genesisDoc(t, nil)
	copy(big, raw)
	for i := len(raw); i < len(big); i++ {
		big[i] = ' '
	}
	_, err := comet.ParseGenesis(big[:comet.MaxGenesisBytes])
	wantCode(t, err, 0)
	_, err = comet.ParseGenesis(big)
	wantCode(t, err, refusal.TooLarge)
}

func FuzzParseGenesis(f *testing.F) {
	f.Add(genesisDoc(f, nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		own, err := comet.ParseGenesis(raw)
		if err != nil {
			return
		}
		theirs, err := types.GenesisDocFromJSON(raw)
		if err != nil {
			return // CometBFT also judges parameters
		}
		sum := own.Set.Hash()
		if !bytes.Equal(sum[:], theirs.ValidatorHash()) || own.ChainID != theirs.ChainID {
			t.Error("another reading than CometBFT's")
		}
	})
}
