package app

import (
	"crypto/sha256"
	"fmt"

	"weir/app/leaf"
	"weir/stream/catalog"
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
	case k == kindLog:
		return "log of " + relation(u.ID())
	case k == kindOperator:
		return fmt.Sprintf("operator %d of %s", u.Sub(), relation(u.ID()))
	case u.IsPageID():
		return "pages of " + UnitName(u.PageIDOf(), cat)
	}
	return fmt.Sprintf("unit %x", u[:])
}
