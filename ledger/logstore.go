package ledger

import (
	lru "github.com/hashicorp/golang-lru/v2"

	"weir/internal/invariant"
	"weir/ledger/eventlog"
	"weir/ledger/store"
)

// Sizes of the cache that all logs of a ledger share.
const (
	cachedBlocks = 512   // of hashes, 8 KiB each
	cachedHeads  = 16384 // of leaf records
)

// logCache holds what never changes: full blocks of hashes, and heads of leaf records. A log
// checks what it is served, so the cache need not.
type logCache struct {
	blocks *lru.Cache[indexed, []byte]
	heads  *lru.Cache[indexed, eventlog.Head]
}

type indexed struct {
	unit  Unit
	index uint64
}

func newLogCache() *logCache {
	blocks, err1 := lru.New[indexed, []byte](cachedBlocks)
	heads, err2 := lru.New[indexed, eventlog.Head](cachedHeads)
	invariant.Check(err1 == nil && err2 == nil, "cache sizes: %v %v", err1, err2)
	return &logCache{blocks, heads}
}

// logSource reads the records and hashes of one log from the store.
type logSource struct {
	kv    store.KV
	unit  Unit
	cache *logCache // nil: none
}

func (l *Ledger) logSource(u Unit) logSource { return logSource{l.kv, u, l.logs} }

// Hashes implements eventlog.Source.
func (s logSource) Hashes(block uint64, _ int) ([]byte, error) {
	if s.cache != nil {
		if b, ok := s.cache.blocks.Get(indexed{s.unit, block}); ok {
			return b, nil
		}
	}
	b, err := must(s.kv, indexKey(classHashes, s.unit, block))
	if err == nil && s.cache != nil && len(b) == eventlog.BlockHashes*len(Hash{}) {
		s.cache.blocks.Add(indexed{s.unit, block}, b)
	}
	return b, err
}

// Head implements eventlog.Source.
func (s logSource) Head(index uint64) (eventlog.Head, error) {
	if s.cache != nil {
		if h, ok := s.cache.heads.Get(indexed{s.unit, index}); ok {
			return h, nil
		}
	}
	b, err := s.Leaf(index)
	if err != nil {
		return eventlog.Head{}, err
	}
	h, err := eventlog.DecodeHead(index, b)
	if err == nil && s.cache != nil {
		s.cache.heads.Add(indexed{s.unit, index}, h)
	}
	return h, err
}

// Leaf implements eventlog.Source.
func (s logSource) Leaf(index uint64) ([]byte, error) {
	return must(s.kv, indexKey(classLeaf, s.unit, index))
}

// Payload implements eventlog.Source.
func (s logSource) Payload(index uint64) ([]byte, error) {
	return must(s.kv, indexKey(classPayload, s.unit, index))
}

// logKeeper hands the records and hashes of one log to a writer.
type logKeeper struct {
	set  func(key, value []byte) error
	unit Unit
}

// PutHashes implements eventlog.Keeper.
func (k logKeeper) PutHashes(block uint64, hashes []byte) error {
	return k.set(indexKey(classHashes, k.unit, block), hashes)
}

// PutLeaf implements eventlog.Keeper.
func (k logKeeper) PutLeaf(index uint64, record []byte) error {
	return k.set(indexKey(classLeaf, k.unit, index), record)
}

// PutPayload implements eventlog.Keeper.
func (k logKeeper) PutPayload(index uint64, record []byte) error {
	return k.set(indexKey(classPayload, k.unit, index), record)
}
