package client

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"weir/app/tx"
	"weir/client/api"
	weirv1 "weir/proto/weir/v1"
)

// validBlocks is how many blocks ahead of the last known one a signature ends. It stays below
// the network's limit by as much as a node may lie behind another.
const validBlocks = 800

// DefaultPatience is how long the same transaction is sent again without a decision.
const DefaultPatience = 2 * time.Minute

// maxSignings is how often one body is signed again because its earlier signature was spent.
const maxSignings = 20

// Signer signs for one key, in the name of one role, on one network.
type Signer struct {
	client *Client
	key    *Key
	role   string
	domain tx.Domain
	// patience is how long an undecided transaction is sent again.
	patience time.Duration
	height   atomic.Int64 // highest block that this signer heard of
}

// NewSigner asks the node which network it is of, and returns a signer for it.
func (c *Client) NewSigner(ctx context.Context, key *Key, role string) (*Signer, error) {
	st, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	s := &Signer{client: c, key: key, role: role, patience: DefaultPatience}
	s.domain.ChainID = st.ChainID
	if copy(s.domain.GenesisHash[:], st.GenesisHash) != tx.HashSize ||
		len(st.GenesisHash) != tx.HashSize {
		return nil, fmt.Errorf("%s does not say the hash of its genesis file", c.Node())
	}
	s.heard(st.Height)
	return s, nil
}

// SetPatience sets how long a transaction that nobody decides is sent again, before its outcome
// is reported as unknown. Call it before the signer is used.
func (s *Signer) SetPatience(d time.Duration) { s.patience = d }

// heard notes that the chain has reached a height.
func (s *Signer) heard(height int64) {
	for {
		old := s.height.Load()
		if height <= old || s.height.CompareAndSwap(old, height) {
			return
		}
	}
}

// sign makes the transaction of one operation, with a nonce of its own.
func (s *Signer) sign(op *weirv1.Operation, payload []byte) ([]byte, error) {
	var nonce [8]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return nil, fmt.Errorf("draw a nonce: %w", err)
	}
	header := &weirv1.Header{
		Role:       s.role,
		ValidUntil: uint64(s.height.Load() + validBlocks),
		Nonce:      binary.BigEndian.Uint64(nonce[:]),
		Operations: []*weirv1.Operation{op},
	}
	var payloads [][]byte
	if len(payload) > 0 {
		payloads = [][]byte{payload}
	}
	return tx.Sign(s.key.Private, s.domain, header, payloads)
}

// Exec signs one statement (DDL, a grant, DML over tables), submits it and returns its receipt
// once it is committed, or the rejection as an *api.Error. If a connection is lost it sends the
// same bytes again until the network has decided, so the statement applies at most once; when
// its patience ends first the error is ErrOutcomeUnknown.
func (s *Signer) Exec(ctx context.Context, sql string) (*api.Receipt, error) {
	if err := s.refresh(ctx); err != nil {
		return nil, err
	}
	raw, err := s.sign(tx.StatementOp(sql), nil)
	if err != nil {
		return nil, refusal(err)
	}
	pause, end := newBackoff(), time.Now().Add(s.patience)
	for doubt := false; ; {
		r, err := s.client.Submit(ctx, raw)
		switch {
		case err == nil:
			s.heard(r.Height)
			return r, nil
		case doubt && codeOf(err) == tx.CodeNonceUsed:
			// The nonce is 64 random bits, so what used it is this very body.
			return &api.Receipt{Hash: r.Hash, Resend: true}, nil
		case !transient(err):
			return nil, err
		case time.Now().After(end):
			return nil, undecided(s.patience, err)
		}
		doubt = doubt || errors.Is(err, ErrOutcomeUnknown)
		if err := pause.wait(ctx); err != nil {
			return nil, errors.Join(ErrOutcomeUnknown, err)
		}
	}
}

// undecided is the error of a transaction that was sent for so long without a decision.
func undecided(patience time.Duration, last error) error {
	return fmt.Errorf("no decision within %v: %w", patience, errors.Join(ErrOutcomeUnknown, last))
}

// refresh learns the chain's present height.
func (s *Signer) refresh(ctx context.Context) error {
	st, err := s.client.Status(ctx)
	if err != nil {
		return err
	}
	s.heard(st.Height)
	return nil
}

// codeOf returns the rejection code that err carries, 0 for none.
func codeOf(err error) uint32 {
	var e *api.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// transient reports whether the same bytes should be sent again after a pause: the outcome is
// unknown, or whoever refused them has no room at the moment.
func transient(err error) bool {
	if errors.Is(err, ErrOutcomeUnknown) {
		return true
	}
	var e *api.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case tx.CodePoolFull, tx.CodeWaitingFull:
		return true
	}
	return e.Status >= 500 || e.Status == 429
}

// spent reports whether a signature can no longer apply while its rows still may.
func spent(err error) bool {
	switch codeOf(err) {
	case tx.CodeExpired, tx.CodeValidUntilTooFar, tx.CodeAlreadyRejected, tx.CodeNonceUsed:
		return true
	}
	return false
}

// refusal turns a rejection found before sending into the same error that a node would send.
func refusal(err error) error {
	if r := tx.AsReject(err); r != nil {
		return &api.Error{Code: r.Code, SQLState: r.SQLState, Message: r.Message}
	}
	return err
}

// outOfTurn reports whether a batch was refused because of what the lane holds before it, which
// says nothing yet while earlier batches are under way.
func outOfTurn(err error) bool {
	code := codeOf(err)
	return code == tx.CodeSeqGap || code == tx.CodePreviousMismatch
}
