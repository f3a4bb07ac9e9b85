package auth

import "weir/app/tx"

// Parameters are the agreed numbers of a network. In genesis each may be left out for its
// default.
type Parameters struct {
	TxBytes          uint32 `json:"tx_bytes"`           // of a transaction
	BlockBytes       uint32 `json:"block_bytes"`        // of a block's transactions
	BlockWork        uint64 `json:"block_work"`         // metered rows of a block
	StepRows         uint64 `json:"step_rows"`          // metered rows per view and block
	Views            uint32 `json:"views"`              // live views
	BatchRows        uint32 `json:"batch_rows"`         // rows of a batch
	ValidUntilAhead  uint64 `json:"valid_until_ahead"`  // blocks
	SignerRecords    uint32 `json:"signer_records"`     // nonces and rejections per signer
	CheckpointWork   uint64 `json:"checkpoint_work"`    // payload bytes between checkpoints
	CheckpointBlocks uint64 `json:"checkpoint_blocks"`  // changed blocks between checkpoints
	IdleTimeoutMS    uint64 `json:"idle_timeout_ms"`    // until a silent producer is left out
	GatewayIdleMS    uint64 `json:"gateway_idle_ms"`    // the same for gateway lanes
	MaxAheadMS       uint64 `json:"max_ahead_ms"`       // of event time before block time
	DrainRows        uint32 `json:"drain_rows"`         // rows that leave by time, per block
	RawPayloadBytes  uint32 `json:"raw_payload_bytes"`  // of a payload, decompressed
	BlockTxs         uint32 `json:"block_transactions"` // transactions of a block
	BackfillRows     uint64 `json:"backfill_rows"`      // of history that new views read, per block
	ViewWork         uint64 `json:"view_work"`          // metered rows of all views, per block
	StepDebt         uint64 `json:"step_debt"`          // metered rows a view may owe
	SegmentLeaves    uint32 `json:"segment_leaves"`     // batches of a segment of a log
	SegmentBytes     uint64 `json:"segment_bytes"`      // payload bytes of a segment
	SegmentMS        uint64 `json:"segment_ms"`         // between its first and last batch
}

// DefaultParameters returns the parameters of a new network.
func DefaultParameters() Parameters {
	lim := tx.DefaultLimits()
	return Parameters{
		TxBytes:          uint32(lim.TxBytes),
		BlockBytes:       1 << 20,
		BlockWork:        2_000_000,
		StepRows:         200_000,
		Views:            256,
		BatchRows:        lim.BatchRows,
		ValidUntilAhead:  lim.ValidUntilAhead,
		SignerRecords:    lim.SignerRecords,
		CheckpointWork:   64 << 20,
		CheckpointBlocks: 500,
		IdleTimeoutMS:    10 * 60 * 1000,
		GatewayIdleMS:    10 * 1000,
		MaxAheadMS:       60 * 60 * 1000,
		DrainRows:        10_000,
		RawPayloadBytes:  lim.RawPayload,
		BlockTxs:         5000,
		BackfillRows:     100_000,
		ViewWork:         64_000_000,
		StepDebt:         20_000_000,
		SegmentLeaves:    1024,
		SegmentBytes:     16 << 20,
		SegmentMS:        60 * 60 * 1000,
	}
}

// bound is the range of one parameter, both ends allowed.
type bound struct {
	name     string
	value    uint64
	min, max uint64
}

// bounds lists the parameters in the order of their encoding.
func (p *Parameters) bounds() []bound {
	const day = 24 * 60 * 60 * 1000
	return []bound{
		{"tx_bytes", uint64(p.TxBytes), 4 << 10, 4 << 20},
		{"block_bytes", uint64(p.BlockBytes), 4 << 10, 64 << 20},
		{"block_work", p.BlockWork, 8192, 1 << 40},
		{"step_rows", p.StepRows, 8192, 1 << 40},
		{"views", uint64(p.Views), 1, 1 << 16},
		{"batch_rows", uint64(p.BatchRows), 1, 1 << 20},
		{"valid_until_ahead", p.ValidUntilAhead, 1, 1 << 20},
		{"signer_records", uint64(p.SignerRecords), 1, 1 << 20},
		{"checkpoint_work", p.CheckpointWork, 1, 1 << 40},
		{"checkpoint_blocks", p.CheckpointBlocks, 1, 1 << 20},
		{"idle_timeout_ms", p.IdleTimeoutMS, 1, 365 * day},
		{"gateway_idle_ms", p.GatewayIdleMS, 1, 365 * day},
		{"max_ahead_ms", p.MaxAheadMS, 1, 365 * day},
		{"drain_rows", uint64(p.DrainRows), 1, 1 << 24},
		{"raw_payload_bytes", uint64(p.RawPayloadBytes), 4 << 10, 64 << 20},
		{"block_transactions", uint64(p.BlockTxs), 1, 1 << 20},
		{"backfill_rows", p.BackfillRows, 1, 1 << 40},
		{"view_work", p.ViewWork, 1, 1 << 50},
		{"step_debt", p.StepDebt, 0, 1 << 50},
		{"segment_leaves", uint64(p.SegmentLeaves), 1, 1 << 20},
		{"segment_bytes", p.SegmentBytes, 1, 1 << 40},
		{"segment_ms", p.SegmentMS, 1, 365 * day},
	}
}

// Check returns a *tx.Reject unless every parameter lies within its range and a transaction of
// the greatest size fits into a block.
func (p *Parameters) Check() error {
	for _, b := range p.bounds() {
		if b.value < b.min || b.value > b.max {
			return bad("parameter %s is %d, not %d to %d", b.name, b.value, b.min, b.max)
		}
	}
	if p.TxBytes > p.BlockBytes {
		return bad("tx_bytes is %d, more than block_bytes, %d", p.TxBytes, p.BlockBytes)
	}
	if p.ViewWork < p.StepRows+p.BackfillRows {
		return bad("view_work is %d, less than step_rows and backfill_rows, %d", p.ViewWork,
			p.StepRows+p.BackfillRows)
	}
	if uint64(p.BatchRows)*uint64(tx.DefaultLimits().Operations) > p.BlockWork {
		return bad("block_work is %d, less than one body may hold", p.BlockWork)
	}
	return nil
}

// TxLimits returns the limits of transactions that the parameters set.
func (p *Parameters) TxLimits() tx.Limits {
	lim := tx.DefaultLimits()
	lim.TxBytes = int(p.TxBytes)
	lim.BatchRows = p.BatchRows
	lim.RawPayload = p.RawPayloadBytes
	lim.ValidUntilAhead = p.ValidUntilAhead
	lim.SignerRecords = p.SignerRecords
	return lim
}
