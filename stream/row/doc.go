// Package row has the canonical byte encodings of keys, rows and columnar payloads.
//
//	key      0x10, then per column a tag and order-preserving bytes: ordered maps, group tables
//	row      NULL bits, then compact values: what a relation stores under a key
//	entry    weight, then row: the value of a relation's entry
//	payload  columns with a codec byte each, perhaps after an op per row: what a transaction
//	         carries
//
// Every encoding is canonical: decoding bytes and encoding the result gives the same bytes, or
// decoding refuses. Decoders never panic and allocate in proportion to their input. Keys of
// equal values are equal (1.0 and 1.00, 0 and -0, '1 month' and '30 days'), so a key gives back
// a canonical representative; rows keep the representation.
//
//	producer: columns -> EncodePayload -> transaction -> DecodePayload -> columns: engine
//	                                      columns -> AppendKey, AppendEntry -> relation's tree
//	                                      tree -> DecodeEntryInto, DecodeKeyInto -> columns
//
// Single rows and keys have their limits (limits.go); callers apply them, since a row that is too
// large is an error of that row, and a malformed payload one of the whole transaction.
//
// It must never depend on anything but the values: no schema versions, no locale, no map order.
// The formats are specified in docs/spec/rows.md and docs/spec/payload.md, with vectors in
// docs/spec/vectors.
package row
