package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"weir/internal/invariant"
)

// Operator state is a stream of entries with strictly ascending keys, cut into pages by
// position: a pure function of the entries.
const (
	// StatePageLen is the number of entries of every state page but the last.
	StatePageLen = 256
	// StateKeyMax and StateValueMax bound an entry, in bytes. A value may be empty.
	StateKeyMax   = 64 << 10
	StateValueMax = 1 << 20

	domainStatePage = 0x03
	domainState     = 0x04
)

// Manifest lists the pages of one operator's state.
type Manifest struct {
	Entries uint64
	Pages   []ID
}

// Root is the unit root of the state: SHA-256(04 || entries u64 || page count u32 || page ids).
func (m Manifest) Root() [32]byte {
	h := sha256.New()
	b := binary.BigEndian.AppendUint64([]byte{domainState}, m.Entries)
	h.Write(binary.BigEndian.AppendUint32(b, uint32(len(m.Pages))))
	for i := range m.Pages {
		h.Write(m.Pages[i][:])
	}
	return [32]byte(h.Sum(nil))
}

// StateWriter cuts a stream of entries into pages.
type StateWriter struct {
	emit func(id ID, page []byte)
	m    Manifest
	page []byte
	n    int
	last []byte
	any  bool
}

// NewStateWriter makes a writer that hands each finished page to emit, which must copy it to
// keep it.
func NewStateWriter(emit func(id ID, page []byte)) *StateWriter {
	return &StateWriter{emit: emit}
}

// Add appends an entry. Keys ascend strictly; both slices are copied.
func (w *StateWriter) Add(key, value []byte) {
	invariant.Check(!w.any || bytes.Compare(w.last, key) < 0, "operator state is not sorted")
	invariant.Check(len(key) <= StateKeyMax && len(value) <= StateValueMax,
		"operator state entry of %d and %d bytes", len(key), len(value))
	w.last, w.any = append(w.last[:0], key...), true
	if w.n == 0 {
		w.page = append(w.page[:0], domainStatePage, 0, 0)
	}
	w.page = append(binary.AppendUvarint(w.page, uint64(len(key))), key...)
	w.page = append(binary.AppendUvarint(w.page, uint64(len(value))), value...)
	w.m.Entries++
	if w.n++; w.n == StatePageLen {
		w.flush()
	}
}

func (w *StateWriter) flush() {
	binary.BigEndian.PutUint16(w.page[1:], uint16(w.n))
	id := sha256.Sum256(w.page)
	w.m.Pages = append(w.m.Pages, id)
	w.emit(id, w.page)
	w.n = 0
}

// Finish emits the last page and returns the manifest.
func (w *StateWriter) Finish() Manifest {
	if w.n > 0 {
		w.flush()
	}
	return w.m
}

// StateReader reads the entries of a manifest back.
type StateReader struct {
	m     Manifest
	fetch func(id ID) ([]byte, error)
	at    int // next page
	rest  []byte
	left  int // entries left in rest
	seen  uint64
	last  []byte
	err   error
}

// NewStateReader reads the state of a manifest; fetch returns the stored bytes of a page.
func NewStateReader(m Manifest, fetch func(id ID) ([]byte, error)) *StateReader {
	return &StateReader{m: m, fetch: fetch}
}

// Next returns the next entry; ok is false at the end and after an error. The slices are valid
// until the next call.
func (r *StateReader) Next() (key, value []byte, ok bool) {
	if r.err != nil {
		return nil, nil, false
	}
	if r.left == 0 {
		if r.at == len(r.m.Pages) {
			if r.seen != r.m.Entries {
				r.err = invalid("%d entries, want %d", r.seen, r.m.Entries)
			}
			return nil, nil, false
		}
		if r.err = r.open(); r.err != nil {
			return nil, nil, false
		}
	}
	if key, value, r.rest, r.err = stateEntry(r.rest); r.err != nil {
		return nil, nil, false
	}
	if r.seen > 0 && bytes.Compare(r.last, key) >= 0 {
		r.err = invalid("keys do not ascend")
		return nil, nil, false
	}
	if r.left--; r.left == 0 && len(r.rest) != 0 {
		r.err = invalid("%d bytes too many", len(r.rest))
		return nil, nil, false
	}
	r.seen++
	r.last = append(r.last[:0], key...)
	return key, value, true
}

// Err returns what ended the reading early, or nil.
//
// Errors: ErrInvalid, and those of fetch.
func (r *StateReader) Err() error { return r.err }

// open fetches and verifies the next page. Every page but the last is full.
func (r *StateReader) open() error {
	id := r.m.Pages[r.at]
	b, err := r.fetch(id)
	if err != nil {
		return err
	}
	r.at++
	if sha256.Sum256(b) != id {
		return invalid("state page %x has other bytes", id[:8])
	}
	n, rest, err := statePage(b)
	if err != nil {
		return err
	}
	if r.at < len(r.m.Pages) && n != StatePageLen {
		return invalid("a state page of %d entries before the last", n)
	}
	r.rest, r.left = rest, n
	return nil
}

// statePage reads the head of a state page.
func statePage(b []byte) (n int, rest []byte, err error) {
	if len(b) < 3 || b[0] != domainStatePage {
		return 0, nil, invalid("head of a state page")
	}
	n = int(binary.BigEndian.Uint16(b[1:]))
	if n == 0 || n > StatePageLen {
		return 0, nil, invalid("state page of %d entries", n)
	}
	return n, b[3:], nil
}

func stateEntry(b []byte) (key, value, rest []byte, err error) {
	if key, b, err = stateField(b, StateKeyMax); err != nil {
		return nil, nil, nil, err
	}
	value, rest, err = stateField(b, StateValueMax)
	return key, value, rest, err
}

// stateField is field for operator state, where a field may be empty.
func stateField(b []byte, limit uint64) (f, rest []byte, err error) {
	if len(b) > 0 && b[0] == 0 {
		return b[1:1:1], b[1:], nil
	}
	return field(b, limit)
}
