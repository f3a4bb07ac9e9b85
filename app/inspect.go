package app

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"weir/app/auth"
	"weir/app/leaf"
	"weir/ledger"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
)

// CheckPayload tells whether a payload is the one that a leaf of a stream's log binds.
func CheckPayload(_ Unit, raw, payload []byte) error {
	l, err := leaf.Decode(raw)
	if err != nil {
		return err
	}
	if sha256.Sum256(payload) != l.PayloadHash {
		return fmt.Errorf("the payload is not the one that its leaf binds")
	}
	return nil
}

// UnitName says what a unit holds. Without a catalog relations go by their numbers.
func UnitName(u Unit, cat *catalog.Catalog) string {
	relation := func(id uint64) string {
		if cat != nil && id < 1<<32 {
			if def := cat.ByID(uint32(id)); def != nil {
				return fmt.Sprintf("%q", def.Name)
			}
		}
		return fmt.Sprintf("relation %d", id)
	}
	system := map[byte]string{
		kindMeta: "chain and counters", kindAuth: "roles and keys", kindLanes: "lanes",
		kindCatalog: "catalog", kindProducers: "watermarks of producers",
	}
	switch k := u.Kind(); {
	case system[k] != "":
		return system[k]
	case k == kindRows:
		return "rows of " + relation(u.ID())
	case k == kindIndex:
		if cat != nil && u.ID() < 1<<32 {
			if x := cat.IndexByID(uint32(u.ID())); x != nil {
				return fmt.Sprintf("index %q", x.Name)
			}
		}
		return fmt.Sprintf("index %d", u.ID())
	case k == kindLog:
		return "log of " + relation(u.ID())
	case k == kindOperator:
		return fmt.Sprintf("operator %d of %s", u.Sub(), relation(u.ID()))
	case u.IsPageID():
		return "pages of " + UnitName(u.PageIDOf(), cat)
	}
	return fmt.Sprintf("unit %x", u[:])
}

// CatalogAt reads the catalog of a version.
func CatalogAt(v *ledger.Version) (cat *catalog.Catalog, err error) {
	defer Recover(&err)
	x := newExecutor(auth.Parameters{})
	l, err := x.loadLeaves(v.Reader(systemUnit(kindCatalog)))
	if err != nil {
		return nil, err
	}
	for _, r := range l.rels {
		r.Plan = l.plans[r.ID]
	}
	next := newOverlay(v.Reader(systemUnit(kindMeta))).get(metaNextID)
	if len(next) != 4 {
		return nil, fmt.Errorf("the counter of relation ids is missing")
	}
	return l.catalog(binary.BigEndian.Uint32(next))
}

// RowText writes an entry of a relation's rows as column = value, if that is what a unit holds
// and the catalog knows its types.
func RowText(u Unit, entry []byte, cat *catalog.Catalog) (string, bool) {
	if cat == nil || u.ID() >= 1<<32 || entry == nil {
		return "", false
	}
	id := uint32(u.ID())
	switch u.Kind() {
	case kindRows:
	case kindIndex:
		x := cat.IndexByID(id)
		if x == nil {
			return "", false
		}
		id = x.Of
	default:
		return "", false
	}
	def := cat.ByID(id)
	if def == nil {
		return "", false
	}
	shape, err := row.NewShape(def.Growth())
	if err != nil {
		return "", false
	}
	weight, values, err := shape.DecodeEntry(entry)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	for i, c := range def.RowSpace() {
		if i < len(values) {
			fmt.Fprintf(&b, "%s = %s, ", c.Name, value.Format(values[i]))
		}
	}
	out := strings.TrimSuffix(b.String(), ", ")
	if weight != 1 {
		out += fmt.Sprintf(" (%d times)", weight)
	}
	return out, true
}
