// Package tx has the transaction: envelope, header, signature, limits, and the table of every
// reason for which one is refused.
//
//	raw bytes --Decode--> *Tx (framed, canonical, within limits, payloads match their hashes)
//	*Tx --Verify--> signed by Header.Signer for this chain
//	raw bytes --Verifier.Open--> both, remembered by the hash of the whole bytes
//	header + payloads --Sign--> raw bytes
//
// Decode and Verify depend on their arguments alone, so every replica judges alike. What needs
// agreed state (rights, sequence numbers, nonces, relation ids) is judged by app/auth, app/lane
// and app.
//
// It must never marshal a decoded header for hashing, accept two encodings of one header, hold a
// second signature verifier, or allocate more than proportionally to its input.
//
// Formats: docs/spec/envelope.md and docs/spec/header.md, vectors in docs/spec/vectors.
package tx
