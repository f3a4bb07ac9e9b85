package auth

import (
	"slices"

	"weir/app/tx"
)

// Member is a key acting for a role.
type Member struct {
	Role    string
	Rights  Rights   // of the role on the network
	Gateway string   // node name if the key is a gateway's, else empty
	Writers []string // that the key may append as, ascending; "*" alone for any
}

// loadRole returns the entry of a role: its rights and gateways.
func loadRole(r Reader, role string) (entry, error) {
	e, found, err := load(r, roleKey(role))
	if err == nil && !found {
		err = tx.Rejectf(tx.CodeUnknownRole, "there is no role %q", role)
	}
	return e, err
}

// RoleExists says whether there is such a role.
func RoleExists(r Reader, role string) (bool, error) {
	_, found, err := r.Probe(roleKey(role))
	return found, err
}

// CheckMember returns the member that key is of role, or a *tx.Reject: UNKNOWN_ROLE or
// KEY_NOT_IN_ROLE.
func CheckMember(r Reader, key Key, role string) (Member, error) {
	of, err := loadRole(r, role)
	if err != nil {
		return Member{}, err
	}
	m := Member{Role: role, Rights: of.rights}
	own, found, err := load(r, memberKey(role, key))
	if err != nil {
		return Member{}, err
	}
	if found {
		m.Writers = own.names
		return m, nil
	}
	node, found, err := r.Probe(gatewayKey(key))
	if err != nil {
		return Member{}, err
	}
	m.Gateway = string(node)
	if found && (slices.Contains(of.names, AnyWriter) || slices.Contains(of.names, m.Gateway)) {
		m.Writers = []string{GatewayPrefix + m.Gateway}
		return m, nil
	}
	return Member{}, tx.Rejectf(tx.CodeKeyNotInRole, "the key does not belong to role %q", role)
}

// CheckWriter returns WRITER_NOT_GRANTED unless the member may append as writer.
func (m Member) CheckWriter(writer string) error {
	_, named := slices.BinarySearch(m.Writers, writer)
	anyOther := len(m.Writers) == 1 && m.Writers[0] == AnyWriter && !isGatewayWriter(writer)
	if named && writer != AnyWriter || anyOther {
		return nil
	}
	return tx.Rejectf(tx.CodeWriterNotGranted,
		"the key of role %q may not act as writer %q", m.Role, writer)
}

func isGatewayWriter(w string) bool {
	return len(w) >= len(GatewayPrefix) && w[:len(GatewayPrefix)] == GatewayPrefix
}

// CheckCreate returns NO_CREATE_RIGHT unless the role may create.
func (m Member) CheckCreate() error {
	if m.Rights.Has(Create) {
		return nil
	}
	return tx.Rejectf(tx.CodeNoCreateRight, "role %q has no CREATE right", m.Role)
}

// CheckGovern returns NO_GOVERN_RIGHT unless the role may govern.
func (m Member) CheckGovern() error {
	if m.Rights.Has(Govern) {
		return nil
	}
	return tx.Rejectf(tx.CodeNoGovernRight, "role %q has no GOVERN right", m.Role)
}

// CheckInsert returns NO_INSERT_RIGHT unless role may insert into the relation.
func CheckInsert(r Reader, role string, relation uint32) error {
	g, err := LoadGrant(r, relation, role)
	if err != nil || g.Rights.Has(Insert) {
		return err
	}
	return tx.Rejectf(tx.CodeNoInsertRight,
		"role %q may not insert into relation %d", role, relation)
}

// CheckBody returns nil if the signer of t is a member of its role, may append as every writer
// and into every relation of its batches; else a *tx.Reject. Rights that depend on what a
// statement or governance operation says are checked by who runs it.
func CheckBody(r Reader, t *tx.Tx) (Member, error) {
	m, err := CheckMember(r, Key(t.Signer()), t.Header.GetRole())
	if err != nil {
		return Member{}, err
	}
	for i := range t.Batches {
		l := t.Batches[i].Lane
		if err := m.CheckWriter(l.Writer); err != nil {
			return Member{}, err
		}
		if err := CheckInsert(r, l.Role, l.Relation); err != nil {
			return Member{}, err
		}
	}
	return m, nil
}
