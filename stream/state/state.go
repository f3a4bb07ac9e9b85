package state

// Change is one net write: Value nil deletes Key. In a batch keys are strictly ascending.
type Change struct{ Key, Value []byte }

// Reader is a read-only view of one ordered keyspace at one version.
type Reader interface {
	// ProbeSorted calls visit once per key, in order; keys are strictly ascending. The value
	// is valid only during the call and nil when the key is absent.
	ProbeSorted(keys [][]byte, visit func(i int, value []byte))
	// Scan visits the entries with lo <= key < hi in order until visit returns false; a nil
	// hi means to the end. Slices are valid only during the call.
	Scan(lo, hi []byte, visit func(key, value []byte) bool)
}

// Relations gives the engine the stored relations by id, as of the end of the last accepted
// step. An unknown id reads as empty.
type Relations interface {
	Relation(id uint32) Reader
}

// Operator is the state of one operator of one view, in memory and typed.
// Its writes during a step go to an overlay that Accept merges and Discard drops.
type Operator interface {
	Accept()
	Discard()
	// Save visits every entry of the accepted state in ascending key order, in its canonical
	// encoding: equal logical state gives equal bytes, whatever the memory layout.
	Save(visit func(key, value []byte))
	// Load replaces the state by the entries of a Save.
	Load(next func() (key, value []byte, ok bool)) error
	// Accepted returns the accepted version. It is immutable: whoever keeps it can later tell
	// by Version.Changes what has changed since.
	Accepted() Version
	// Size returns entries and approximate bytes, for metering and EXPLAIN.
	Size() (entries, bytes int)
}
