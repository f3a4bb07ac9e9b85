package snapshot

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"weir/ledger/eventlog"
	"weir/ledger/proof"
)

// Format names the rules of this package.
const Format = 1

// Limits.
const (
	// ManifestMax is the length of the longest manifest in bytes.
	ManifestMax = 15 << 20
	// PartTarget is the size above which the pages below a page are parts of their own, and
	// above which leaves of a log are not put together.
	PartTarget = 1 << 20
	// PartMax is the size of the largest part: one page of the largest entries.
	PartMax = 48 << 20
)

// Errors.
var (
	// ErrInvalid is in the chain of every error about bytes that are not what they should be.
	ErrInvalid = errors.New("snapshot: invalid")
	// ErrManifest is in the chain, too, when no other bytes of a part can help: the manifest
	// leads to something that is not under the app hash, or is not agreed.
	ErrManifest = errors.New("snapshot: the manifest is wrong")
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Kind says what a part holds.
type Kind uint8

// The kinds of parts.
const (
	KindTree   Kind = 1 // pages of a tree
	KindState  Kind = 2 // pages of operator state
	KindLeaves Kind = 3 // leaves of a log with their payloads
	KindHashes Kind = 4 // hashes of leaves that the log has forgotten
)

// Part names a part.
type Part struct {
	Kind  Kind
	Level uint8      // of a log: it has 1<<Level leaves
	ID    proof.Hash // of the first page, or of the subtree of a log
	Size  uint32     // in bytes
}

// Name is the name of a part's content: two parts with one name are equal. The size tells apart
// what a log had before and after payloads were erased.
func (p Part) Name() string {
	return fmt.Sprintf("%d-%s-%d", p.Kind, hex.EncodeToString(p.ID[:]), p.Size)
}

// Unit is a unit under the app hash.
type Unit struct {
	Unit    proof.Unit
	Root    proof.Hash
	Entries uint64         // operator state
	Page    proof.Hash     // operator state: id of the root page
	Log     proof.LogState // logs
	Kept    eventlog.Kept  // logs: what has records
	Parts   []Part
}

// Manifest says what a snapshot is made of. Parts come in the order in which they are restored.
type Manifest struct {
	Height  uint64
	Time    int64 // of the block, in microseconds since 1970 UTC
	AppHash proof.Hash
	Units   []Unit
}

// Parts lists all parts in order.
func (m *Manifest) Parts() []Part {
	var out []Part
	for i := range m.Units {
		out = append(out, m.Units[i].Parts...)
	}
	return out
}

// Encode returns the encoding of a manifest.
func (m *Manifest) Encode() []byte {
	b := binary.BigEndian.AppendUint64([]byte{Format}, m.Height)
	b = binary.BigEndian.AppendUint64(b, uint64(m.Time))
	b = append(b, m.AppHash[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(m.Units)))
	for i := range m.Units {
		b = m.Units[i].append(b)
	}
	return b
}

func (u *Unit) append(b []byte) []byte {
	b = append(append(b, u.Unit[:]...), u.Root[:]...)
	switch {
	case u.Unit.IsState():
		b = append(binary.BigEndian.AppendUint64(b, u.Entries), u.Page[:]...)
	case u.Unit.IsLog():
		for _, n := range [...]uint64{u.Log.Size, u.Log.Next, u.Kept.From, u.Kept.Offset} {
			b = binary.BigEndian.AppendUint64(b, n)
		}
		b = append(b, u.Log.MTH[:]...)
	case !u.Unit.IsTree():
		return b
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(u.Parts)))
	for _, p := range u.Parts {
		b = append(b, byte(p.Kind), p.Level)
		b = append(b, p.ID[:]...)
		b = binary.BigEndian.AppendUint32(b, p.Size)
	}
	return b
}

// partSize is the length of an encoded Part.
const partSize = 2 + 32 + 4

// Decode reads a manifest, of which nothing is verified but the form.
//
// Errors: ErrInvalid.
func Decode(b []byte) (*Manifest, error) {
	if len(b) > ManifestMax {
		return nil, invalid("a manifest of %d bytes", len(b))
	}
	d := decoder{b: b}
	if d.uint8() != Format {
		return nil, invalid("another format of snapshots")
	}
	m := &Manifest{Height: d.uint64(), Time: int64(d.uint64()), AppHash: d.hash()}
	for n := d.uint32(); n > 0 && !d.bad; n-- {
		m.Units = append(m.Units, d.unit())
	}
	if d.bad || len(d.b) > 0 {
		return nil, invalid("a manifest of %d bytes, %d too many", len(b), len(d.b))
	}
	return m, nil
}

// decoder takes fields from the front of b; bad stays set after the first that is missing.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n < 0 || len(d.b) < n {
		d.bad = true
		return nil
	}
	head := d.b[:n:n]
	d.b = d.b[n:]
	return head
}

func (d *decoder) uint8() (n uint8) {
	if b := d.take(1); b != nil {
		n = b[0]
	}
	return n
}

func (d *decoder) uint32() (n uint32) {
	if b := d.take(4); b != nil {
		n = binary.BigEndian.Uint32(b)
	}
	return n
}

func (d *decoder) uint64() (n uint64) {
	if b := d.take(8); b != nil {
		n = binary.BigEndian.Uint64(b)
	}
	return n
}

func (d *decoder) hash() (h proof.Hash) {
	copy(h[:], d.take(len(h)))
	return h
}

// field takes a shortest-form uvarint and that many bytes.
func (d *decoder) field(limit uint64) []byte {
	n, used := binary.Uvarint(d.b)
	if d.bad || used <= 0 || used > 1 && d.b[used-1] == 0 || n > limit {
		d.bad = true
		return nil
	}
	d.b = d.b[used:]
	return d.take(int(n))
}

func (d *decoder) unit() (u Unit) {
	copy(u.Unit[:], d.take(len(u.Unit)))
	u.Root = d.hash()
	switch {
	case d.bad:
		return u
	case u.Unit.IsState():
		u.Entries, u.Page = d.uint64(), d.hash()
	case u.Unit.IsLog():
		u.Log.Size, u.Log.Next = d.uint64(), d.uint64()
		u.Kept.From, u.Kept.Offset = d.uint64(), d.uint64()
		u.Log.MTH = d.hash()
	case !u.Unit.IsTree():
		return u
	}
	n := int(d.uint32())
	if n > len(d.b)/partSize {
		d.bad = true
		return u
	}
	u.Parts = make([]Part, n)
	for i := range u.Parts {
		u.Parts[i] = Part{
			Kind: Kind(d.uint8()), Level: d.uint8(), ID: d.hash(), Size: d.uint32(),
		}
	}
	return u
}
