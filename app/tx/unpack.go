package tx

import (
	"fmt"

	"github.com/klauspost/compress/zstd"

	"weir/internal/invariant"
	weirv1 "weir/proto/weir/v1"
)

// Unpacker decompresses payloads. Safe for concurrent use; it starts no goroutine.
type Unpacker struct{ zstd *zstd.Decoder }

// NewUnpacker makes an Unpacker that holds at most lim.RawPayload bytes per payload.
func NewUnpacker(lim Limits) (*Unpacker, error) {
	d, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(uint64(lim.RawPayload)),
		zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("set up decompression: %w", err)
	}
	return &Unpacker{d}, nil
}

// Payload returns the rows of a batch of t as they were before compression, exactly
// b.RawLength bytes, or a *Reject. An uncompressed payload is returned as it lies in t.
func (u *Unpacker) Payload(t *Tx, b *Batch) ([]byte, error) {
	packed := t.Payloads[b.Operation]
	if b.Compression == weirv1.Compression_COMPRESSION_NONE {
		return packed, nil
	}
	invariant.Check(b.Compression == weirv1.Compression_COMPRESSION_ZSTD,
		"compression %d passed the header check", b.Compression)
	raw, err := u.zstd.DecodeAll(packed, make([]byte, 0, b.RawLength))
	if err != nil || len(raw) != int(b.RawLength) {
		return nil, Rejectf(CodeBadPayload,
			"the payload of operation %d does not unpack to %d bytes", b.Operation, b.RawLength)
	}
	return raw, nil
}
