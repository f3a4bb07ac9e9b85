package tx

import (
	stded25519 "crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/proto"

	weirv1 "weir/proto/weir/v1"
)

// signPrefix separates transaction signatures from everything else that a key may sign.
const signPrefix = "weir/tx/1"

// MaxChainID is the longest chain id that fits the signed bytes.
const MaxChainID = 255

// Domain is the network that a signature is for.
type Domain struct {
	ChainID     string         // at most MaxChainID bytes
	GenesisHash [HashSize]byte // SHA-256 of the exact bytes of genesis.json
}

// Digest returns the message that is signed:
//
//	SHA-256("weir/tx/1" || scheme || u8 length of chain id || chain id || genesis hash || header)
func (d Domain) Digest(header []byte) (digest [HashSize]byte) {
	prefix := make([]byte, 0, len(signPrefix)+2+len(d.ChainID)+HashSize)
	prefix = append(prefix, signPrefix...)
	prefix = append(prefix, SchemeEd25519, byte(len(d.ChainID)))
	prefix = append(prefix, d.ChainID...)
	prefix = append(prefix, d.GenesisHash[:]...)
	h := sha256.New()
	h.Write(prefix)
	h.Write(header)
	h.Sum(digest[:0])
	return digest
}

// Sign encodes header, signs it, and returns the envelope with the payloads behind it. It sets
// Header.Signer to the key's public half. payloads are the ones of the operations that have one,
// in order; their hashes and lengths must be in the header already, as AppendOp and ChangeOp put
// them. It returns a *Reject if the transaction would be refused for its form under the default
// limits.
func Sign(priv stded25519.PrivateKey, d Domain, header *weirv1.Header,
	payloads [][]byte,
) ([]byte, error) {
	if len(priv) != stded25519.PrivateKeySize {
		return nil, Rejectf(CodeBadKey, "the private key has %d bytes, not %d",
			len(priv), stded25519.PrivateKeySize)
	}
	if len(d.ChainID) > MaxChainID {
		return nil, Rejectf(CodeMalformed, "the chain id has %d bytes, more than %d",
			len(d.ChainID), MaxChainID)
	}
	header.Signer = append([]byte(nil), priv[KeySize:]...)
	//weir:encoding the signed and hashed bytes are the ones made here, nothing encodes them again
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(header)
	if err != nil {
		return nil, fmt.Errorf("encode the header: %w", err)
	}
	digest := d.Digest(b)
	size := headerAt + len(b)
	for _, p := range payloads {
		size += len(p)
	}
	raw := make([]byte, headerAt, size)
	raw[0], raw[1] = Version, SchemeEd25519
	copy(raw[signatureAt:], stded25519.Sign(priv, digest[:]))
	binary.BigEndian.PutUint32(raw[lengthAt:], uint32(len(b)))
	raw = append(raw, b...)
	for _, p := range payloads {
		raw = append(raw, p...)
	}
	if _, err := Decode(raw, DefaultLimits()); err != nil {
		return nil, err
	}
	return raw, nil
}
