package tx

// Limits are the bounds that every replica applies to a transaction. They are agreed state: a
// network has the same ones everywhere, from its genesis on.
type Limits struct {
	TxBytes         int    // a whole transaction
	HeaderBytes     int    // its header
	Operations      int    // operations of a body
	BatchRows       uint32 // rows of a batch
	RawPayload      uint32 // bytes of a payload after decompression
	NameBytes       int    // a role or writer name
	SQLBytes        int    // the text of a statement
	ReasonBytes     int    // the text of a suspension
	ValidUntilAhead uint64 // blocks from the judging block to valid_until
	SignerRecords   uint32 // remembered nonces and rejections of one signer
}

// DefaultLimits returns the limits of a new network.
func DefaultLimits() Limits {
	return Limits{
		TxBytes:         512 << 10,
		HeaderBytes:     128 << 10,
		Operations:      16,
		BatchRows:       8192,
		RawPayload:      4 << 20,
		NameBytes:       64,
		SQLBytes:        64 << 10,
		ReasonBytes:     256,
		ValidUntilAhead: 1000,
		SignerRecords:   10_000,
	}
}
