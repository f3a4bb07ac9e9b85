package tx

import (
	"crypto/sha256"
	"encoding/binary"

	"google.golang.org/protobuf/proto"

	weirv1 "weir/proto/weir/v1"
)

// The envelope, with u32 big-endian:
//
//	offset 0   version byte, 1
//	       1   scheme byte, 1 = Ed25519
//	       2   signature, 64 bytes
//	      66   u32 length of the header
//	      70   header, canonical protobuf weir.v1.Header
//	       .   payloads of the operations, in the order of the operations
const (
	Version       = 1
	SchemeEd25519 = 1

	SignatureSize = 64
	KeySize       = 32
	HashSize      = sha256.Size

	signatureAt = 2
	lengthAt    = signatureAt + SignatureSize
	headerAt    = lengthAt + 4
)

// Tx is a decoded transaction. All slices point into Raw, and nothing may be changed.
type Tx struct {
	Raw      []byte
	Hash     [HashSize]byte // SHA-256 of Raw
	Body     [HashSize]byte // SHA-256 of the header: what was signed, whatever the signature
	Header   *weirv1.Header
	Payloads [][]byte // one per operation, as transmitted; nil where the kind has none
	Batches  []Batch  // the operations with a lane, in order
	Laneless bool     // some operation has no lane, so the nonce guards the body

	headerBytes []byte
	signature   []byte
}

// HeaderBytes returns the header as transmitted.
func (t *Tx) HeaderBytes() []byte { return t.headerBytes }

// Signature returns the 64 bytes of the signature.
func (t *Tx) Signature() []byte { return t.signature }

// Signer returns the public key that must have signed.
func (t *Tx) Signer() (key [KeySize]byte) {
	copy(key[:], t.Header.GetSigner())
	return key
}

// Decode reads a transaction, and returns a *Reject unless raw is one: framed exactly, with a
// canonical header within the limits, and payloads of the declared lengths and hashes. It does
// not look at the signature. The result keeps raw.
func Decode(raw []byte, lim Limits) (*Tx, error) {
	if len(raw) > lim.TxBytes {
		return nil, Rejectf(CodeTooLarge, "the transaction has %d bytes, more than %d",
			len(raw), lim.TxBytes)
	}
	return decodeHashed(raw, sha256.Sum256(raw), lim)
}

// decodeHashed is Decode for bytes whose length has been checked and whose hash is known.
func decodeHashed(raw []byte, hash [HashSize]byte, lim Limits) (*Tx, error) {
	header, payload, rej := split(raw, lim)
	if rej != nil {
		return nil, rej
	}
	h, rej := decodeHeader(header, lim)
	if rej != nil {
		return nil, rej
	}
	t := &Tx{
		Raw:         raw,
		Hash:        hash,
		Body:        sha256.Sum256(header),
		Header:      h,
		headerBytes: header,
		signature:   raw[signatureAt:lengthAt:lengthAt],
	}
	if rej := t.readOperations(lim); rej != nil {
		return nil, rej
	}
	if rej := t.cutPayloads(payload); rej != nil {
		return nil, rej
	}
	return t, nil
}

// split checks the fixed part and returns the header and what follows it.
func split(raw []byte, lim Limits) (header, payload []byte, rej *Reject) {
	if len(raw) < headerAt {
		return nil, nil, Rejectf(CodeMalformed,
			"the transaction has %d bytes, fewer than the fixed part of %d", len(raw), headerAt)
	}
	if raw[0] != Version {
		return nil, nil, Rejectf(CodeUnknownVersion, "envelope version %d is not known", raw[0])
	}
	if raw[1] != SchemeEd25519 {
		return nil, nil, Rejectf(CodeUnknownScheme, "signature scheme %d is not known", raw[1])
	}
	n := uint64(binary.BigEndian.Uint32(raw[lengthAt:]))
	if n > uint64(lim.HeaderBytes) {
		return nil, nil, Rejectf(CodeHeaderTooLarge, "the header has %d bytes, more than %d",
			n, lim.HeaderBytes)
	}
	if n > uint64(len(raw)-headerAt) {
		return nil, nil, Rejectf(CodeMalformed, "the header of %d bytes is cut short", n)
	}
	end := headerAt + int(n)
	return raw[headerAt:end:end], raw[end:], nil
}

// decodeHeader decodes a canonical header.
func decodeHeader(b []byte, lim Limits) (*weirv1.Header, *Reject) {
	h := new(weirv1.Header)
	if rej := checkCanonical(h.ProtoReflect().Descriptor(), b); rej != nil {
		return nil, rej
	}
	if err := proto.Unmarshal(b, h); err != nil {
		return nil, Rejectf(CodeMalformed, "the header is not a protobuf message")
	}
	if rej := checkHeader(h, lim); rej != nil {
		return nil, rej
	}
	return h, nil
}

// cutPayloads assigns the bytes behind the header to the operations, and checks every hash.
func (t *Tx) cutPayloads(rest []byte) *Reject {
	t.Payloads = make([][]byte, len(t.Header.GetOperations()))
	for i := range t.Batches {
		b := &t.Batches[i]
		if uint64(b.PayloadLength) > uint64(len(rest)) {
			return Rejectf(CodeMalformed, "the payload of operation %d is cut short", b.Operation)
		}
		n := int(b.PayloadLength)
		p := rest[:n:n]
		if sha256.Sum256(p) != b.PayloadHash {
			return Rejectf(CodePayloadHash,
				"the payload of operation %d differs from its hash", b.Operation)
		}
		t.Payloads[b.Operation], rest = p, rest[n:]
	}
	if len(rest) > 0 {
		return Rejectf(CodeMalformed, "%d bytes follow the last payload", len(rest))
	}
	return nil
}
