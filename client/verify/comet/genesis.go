package comet

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"weir/client/verify/refusal"
)

// MaxGenesisBytes bounds a genesis document, its application state included.
const MaxGenesisBytes = 16 << 20

// ed25519JSON is the name of Ed25519 public keys in CometBFT's JSON.
const ed25519JSON = "tendermint/PubKeyEd25519"

// Genesis is what a chain of trust needs of a genesis document.
type Genesis struct {
	Hash          Hash // SHA-256 of the document's exact bytes
	ChainID       string
	InitialHeight int64
	Set           Set // the validators of the first block
}

// ParseGenesis reads CometBFT's genesis.json. It is stricter than CometBFT: a name that occurs
// twice in one object, or bytes behind the document, are refused. Parts that say nothing of
// trust (parameters, application state) are only checked to be JSON.
//
// It holds for chains whose application leaves the genesis validators as they are at InitChain;
// a chain that replaces them there fails to verify at the first header.
func ParseGenesis(raw []byte) (*Genesis, error) {
	if len(raw) > MaxGenesisBytes {
		return nil, refusal.New(refusal.TooLarge, "the genesis document has %d bytes, the limit is %d",
			len(raw), MaxGenesisBytes)
	}
	doc, err := object(raw)
	if err != nil {
		return nil, refusal.New(refusal.Trust, "the genesis document is not a JSON object: %v", err)
	}
	g := &Genesis{Hash: sha256.Sum256(raw)}
	if json.Unmarshal(doc["chain_id"], &g.ChainID) != nil || !validChainID(g.ChainID) {
		return nil, refusal.New(refusal.Trust,
			"the genesis document's chain_id is missing or not printable ASCII")
	}
	if g.InitialHeight, err = jsonInt(doc["initial_height"], 1); err != nil || g.InitialHeight < 0 {
		return nil, refusal.New(refusal.Trust, "the genesis document's initial_height is not a height")
	}
	g.InitialHeight = max(g.InitialHeight, 1)
	var list []json.RawMessage
	if doc["validators"] == nil || json.Unmarshal(doc["validators"], &list) != nil || len(list) == 0 {
		return nil, refusal.New(refusal.Trust, "the genesis document names no validators")
	}
	for _, item := range list {
		v, err := genesisValidator(item)
		if err != nil {
			return nil, err
		}
		g.Set = append(g.Set, v)
	}
	slices.SortStableFunc(g.Set, func(a, b Validator) int { return compareValidators(&a, &b) })
	if _, err := g.Set.Check(); err != nil {
		return nil, err
	}
	return g, nil
}

// genesisValidator reads one entry of the document's validators.
func genesisValidator(raw json.RawMessage) (v Validator, err error) {
	bad := func(what string) (Validator, error) {
		return Validator{}, refusal.New(refusal.Trust, "a genesis validator %s", what)
	}
	entry, err := object(raw)
	if err != nil {
		return bad("is not a JSON object")
	}
	key, err := object(entry["pub_key"])
	if err != nil {
		return bad("has no public key")
	}
	var kind, value, address string
	if json.Unmarshal(key["type"], &kind) != nil || kind != ed25519JSON {
		return bad("has a public key of type " + strconv.Quote(kind) + ", only Ed25519 is supported")
	}
	if json.Unmarshal(key["value"], &value) != nil {
		return bad("has no public key")
	}
	b, err := base64.StdEncoding.Strict().DecodeString(value)
	if err != nil || len(b) != KeySize {
		return bad("has a public key that is not 32 bytes in base64")
	}
	copy(v.Key[:], b)
	if v.Power, err = jsonInt(entry["power"], 0); err != nil || v.Power <= 0 {
		return bad("has no voting power")
	}
	if a := entry["address"]; a != nil && json.Unmarshal(a, &address) != nil {
		return bad("has an address that is not a string")
	}
	if own := v.Address(); address != "" && !strings.EqualFold(address, hex.EncodeToString(own[:])) {
		return bad("has an address that is not its key's")
	}
	return v, nil
}

// object decodes a JSON object into its members and refuses names that occur twice.
func object(raw []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, refusal.New(refusal.Malformed, "an object is expected")
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if _, twice := members[name]; twice {
			return nil, refusal.New(refusal.Malformed, "%q occurs twice", name)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		members[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if rest := bytes.TrimSpace(raw[dec.InputOffset():]); len(rest) > 0 {
		return nil, refusal.New(refusal.Malformed, "bytes follow the object")
	}
	return members, nil
}

// jsonInt decodes a 64-bit integer, which CometBFT writes as a string; absent is dflt.
func jsonInt(raw json.RawMessage, dflt int64) (int64, error) {
	if raw == nil {
		return dflt, nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return 0, err
	}
	return strconv.ParseInt(s, 10, 64)
}
