package home

import (
	"encoding/hex"
	"errors"

	"weir/app"
	"weir/ledger"
	"weir/ledger/store"
	"weir/stream/catalog"
)

// DiffReport says in what two ledgers differ, each as of one height.
type DiffReport struct {
	HeightA     uint64       `json:"height_a"`
	HeightB     uint64       `json:"height_b"`
	AppHashA    string       `json:"app_hash_a"`
	AppHashB    string       `json:"app_hash_b"`
	Differences []Difference `json:"differences"`
}

// Difference is one thing in which they differ. Values are written as rows where the catalog of
// the second ledger knows their types, and in hex otherwise; nil: there is none.
type Difference struct {
	Unit string  `json:"unit"`
	Key  string  `json:"key"` // hex
	A    *string `json:"a"`
	B    *string `json:"b"`
	Note string  `json:"note,omitempty"`
}

// Differ compares the ledgers of two homes of stopped nodes, which may be the same home, as of two
// heights; 0 means the newest checkpoint that both have. It writes nothing.
//
// Errors: ErrRunning, ErrEmpty, ledger.ErrOutside, those of the stores.
func Differ(homeA, homeB string, heightA, heightB uint64, most int) (r *DiffReport, err error) {
	a, closeA, err := openLedger(homeA)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeA()) }()
	b := a
	if homeA != homeB {
		var closeB func() error
		if b, closeB, err = openLedger(homeB); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, closeB()) }()
	}
	common := min(a.Durable(), b.Durable())
	if heightA == 0 {
		heightA = common
	}
	if heightB == 0 {
		heightB = common
	}
	found, err := ledger.Diff(a, b, heightA, heightB, most)
	if err != nil {
		return nil, err
	}
	return describe(a, b, heightA, heightB, found)
}

// openLedger opens the ledger of a stopped node to be read.
func openLedger(home string) (*ledger.Ledger, func() error, error) {
	kv, err := openLedgerStore(home, store.Options{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	l, err := ledger.Open(kv, ledger.Options{ReadOnly: true, CacheBytes: toolCache})
	if err != nil {
		return nil, nil, errors.Join(err, kv.Close())
	}
	return l, kv.Close, nil
}

// describe puts differences into words.
func describe(a, b *ledger.Ledger, heightA, heightB uint64, found []ledger.Difference) (
	*DiffReport, error,
) {
	va, err := a.At(heightA)
	if err != nil {
		return nil, err
	}
	vb, err := b.At(heightB)
	if err != nil {
		return nil, err
	}
	hashA, hashB := va.AppHash(), vb.AppHash()
	r := &DiffReport{
		HeightA: heightA, HeightB: heightB, AppHashA: hex.EncodeToString(hashA[:]),
		AppHashB: hex.EncodeToString(hashB[:]), Differences: []Difference{},
	}
	// Where the catalogs differ, one of them may not know a relation: it goes by its number.
	catA, _ := app.CatalogAt(va)
	catB, _ := app.CatalogAt(vb)
	for _, d := range found {
		cat := catB
		if cat == nil {
			cat = catA
		}
		r.Differences = append(r.Differences, Difference{
			Unit: app.UnitName(d.Unit, cat), Key: hex.EncodeToString(d.Key),
			A: entryText(d.Unit, d.A, catA), B: entryText(d.Unit, d.B, catB), Note: d.Note,
		})
	}
	return r, nil
}

func entryText(u ledger.Unit, entry []byte, cat *catalog.Catalog) *string {
	if entry == nil {
		return nil
	}
	text, ok := app.RowText(u, entry, cat)
	if !ok {
		text = hex.EncodeToString(entry)
	}
	return &text
}
