package auth

import (
	"slices"

	"weir/app/tx"
)

// Rights is a set of rights: of a role on the network, or of a role on a relation.
type Rights uint8

// Rights of a role on the network.
const (
	Create Rights = 1 << iota // create and drop relations, grant on its own
	Govern                    // governance operations
)

// Rights of a role on a relation.
const (
	Insert Rights = 1 << iota
	Update
	Delete
)

// Owner is what the creator of a relation has.
const Owner = Insert | Update | Delete

// Has says whether all of want are in r.
func (r Rights) Has(want Rights) bool { return r&want == want }

// rightNames are the names in genesis, by bit.
var rightNames = [...]string{"CREATE", "GOVERN"}

func parseRights(names []string) (r Rights, err error) {
	for _, n := range names {
		i := slices.Index(rightNames[:], n)
		if i < 0 || r.Has(1<<i) {
			return 0, bad("right %q is unknown or repeated", n)
		}
		r |= 1 << i
	}
	return r, nil
}

// Grant is what a role may do with a relation.
type Grant struct {
	Rights  Rights
	Writers []string // producers opened by GRANT ... WRITERS, ascending
}

// LoadGrant returns the grant of role on a relation, the zero Grant if there is none.
func LoadGrant(r Reader, relation uint32, role string) (Grant, error) {
	e, _, err := load(r, grantKey(relation, role))
	return Grant{e.rights, e.names}, err
}

// AddGrant adds rights and opened writers to the grant of role on a relation. opened has the
// writers that were not open before, ascending: their producers open now. It returns a
// *tx.Reject if the role does not exist, a writer may not be named, or there are too many.
func AddGrant(st State, relation uint32, role string, rights Rights, writers []string,
	lim tx.Limits,
) (opened []string, err error) {
	if _, err := loadRole(st, role); err != nil {
		return nil, err
	}
	g, err := LoadGrant(st, relation, role)
	if err != nil {
		return nil, err
	}
	for _, w := range sorted(writers) {
		if w == AnyWriter {
			return nil, tx.Rejectf(tx.CodeName, "a grant opens writers by name, not by *")
		}
		if !slices.Contains(g.Writers, w) {
			opened = append(opened, w)
		}
	}
	all := sorted(append(slices.Clone(g.Writers), opened...))
	if err := checkWriters(all, lim); err != nil {
		return nil, err
	}
	st.Set(grantKey(relation, role), entry{g.Rights | rights, all}.encode())
	return opened, nil
}

// RevokeGrant takes rights away. Without any right left the grant and its writers are gone.
func RevokeGrant(st State, relation uint32, role string, rights Rights) error {
	g, err := LoadGrant(st, relation, role)
	if err != nil {
		return err
	}
	switch left := g.Rights &^ rights; {
	case g.Rights == 0:
	case left == 0:
		st.Delete(grantKey(relation, role))
	default:
		st.Set(grantKey(relation, role), entry{left, g.Writers}.encode())
	}
	return nil
}
