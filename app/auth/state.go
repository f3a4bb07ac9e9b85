package auth

import (
	"encoding/binary"
	"errors"
	"slices"

	"weir/app/tx"
)

// Reader is agreed state, read one key at a time. An error is trouble of this node.
type Reader interface {
	// Probe returns the value of key, which the caller must not change.
	Probe(key []byte) (value []byte, found bool, err error)
}

// State is agreed state that can be written. It may keep key and value.
type State interface {
	Reader
	Set(key, value []byte)
	Delete(key []byte)
}

// Kinds of keys, the first byte of each. They differ from those of app/lane, so that both can
// live in one unit.
const (
	kindRole       = 0x20 // role name -> rights and gateways
	kindKey        = 0x21 // u8 length and role name, key -> writers
	kindGateway    = 0x22 // key -> node name
	kindGrant      = 0x23 // u32 relation, role name -> rights and opened writers
	kindParameters = 0x24 // -> u64 per parameter, in the order of Parameters
	kindProtocol   = 0x25 // -> u32 protocol version
)

func roleKey(role string) []byte { return append([]byte{kindRole}, role...) }

func memberKey(role string, key Key) []byte {
	b := append([]byte{kindKey, byte(len(role))}, role...)
	return append(b, key[:]...)
}

func gatewayKey(key Key) []byte { return append([]byte{kindGateway}, key[:]...) }

func grantKey(relation uint32, role string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kindGrant}, relation), role...)
}

// GrantPrefix starts the state keys of all grants on a relation.
func GrantPrefix(relation uint32) []byte { return grantKey(relation, "") }

var errCodec = errors.New("auth: a state value is not in its canonical form")

// entry is the value of a role, a key and a grant: u8 rights, u16 count, then u8 length and bytes
// of each name, ascending.
type entry struct {
	rights Rights
	names  []string
}

func (e entry) encode() []byte {
	b := binary.BigEndian.AppendUint16([]byte{byte(e.rights)}, uint16(len(e.names)))
	for _, n := range e.names {
		b = append(append(b, byte(len(n))), n...)
	}
	return b
}

// decodeEntry is the inverse of encode, and refuses every other encoding.
func decodeEntry(b []byte) (e entry, err error) {
	if len(b) < 3 {
		return entry{}, errCodec
	}
	e.rights = Rights(b[0])
	count := int(binary.BigEndian.Uint16(b[1:]))
	b = b[3:]
	if count > len(b) {
		return entry{}, errCodec
	}
	for range count {
		if len(b) == 0 || int(b[0]) >= len(b) {
			return entry{}, errCodec
		}
		n := string(b[1 : 1+int(b[0])])
		if n == "" || len(e.names) > 0 && n <= e.names[len(e.names)-1] {
			return entry{}, errCodec
		}
		e.names, b = append(e.names, n), b[1+len(n):]
	}
	if len(b) > 0 {
		return entry{}, errCodec
	}
	return e, nil
}

func load(r Reader, key []byte) (e entry, found bool, err error) {
	v, found, err := r.Probe(key)
	if err != nil || !found {
		return entry{}, false, err
	}
	e, err = decodeEntry(v)
	return e, err == nil, err
}

// sorted returns the names ascending, each once.
func sorted(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// Install writes a checked genesis state.
func Install(st State, g *Genesis) error {
	if err := g.Check(); err != nil {
		return err
	}
	st.Set([]byte{kindProtocol}, binary.BigEndian.AppendUint32(nil, g.ProtocolVersion))
	st.Set([]byte{kindParameters}, g.Parameters.encode())
	for _, gw := range g.Gateways {
		st.Set(gatewayKey(gw.Key), []byte(gw.Node))
	}
	lim := g.Parameters.TxLimits()
	for _, r := range g.Roles {
		rights, err := parseRights(r.Rights)
		if err != nil {
			return err
		}
		st.Set(roleKey(r.Name), entry{rights, sorted(r.Gateways)}.encode())
		for _, k := range r.Keys {
			if err := SetKey(st, r.Name, k, lim); err != nil {
				return err
			}
		}
	}
	return nil
}

// SetKey gives a role a key, or a key of it other writers. It returns a *tx.Reject for a key
// that may own nothing, for writers that may not be allowed, and for a role that does not exist.
func SetKey(st State, role string, k RoleKey, lim tx.Limits) error {
	if err := k.check(lim); err != nil {
		return err
	}
	if _, err := loadRole(st, role); err != nil {
		return err
	}
	if _, taken, err := st.Probe(gatewayKey(k.Key)); err != nil || taken {
		if err == nil {
			err = tx.Rejectf(tx.CodeBadKey, "the key is a gateway's")
		}
		return err
	}
	st.Set(memberKey(role, k.Key), entry{names: sorted(k.Writers)}.encode())
	return nil
}

// RemoveKey takes a key from a role. A key that the role does not have is no fault.
func RemoveKey(st State, role string, key Key) { st.Delete(memberKey(role, key)) }

// encode returns u64 per parameter.
func (p *Parameters) encode() []byte {
	var b []byte
	for _, v := range p.bounds() {
		b = binary.BigEndian.AppendUint64(b, v.value)
	}
	return b
}

// LoadParameters returns the parameters in state.
func LoadParameters(r Reader) (p Parameters, err error) {
	v, found, err := r.Probe([]byte{kindParameters})
	if err != nil {
		return Parameters{}, err
	}
	if !found || len(v) != 8*len(p.bounds()) {
		return Parameters{}, errCodec
	}
	at := func(i int) uint64 { return binary.BigEndian.Uint64(v[8*i:]) }
	p = Parameters{
		TxBytes: uint32(at(0)), BlockBytes: uint32(at(1)), BlockWork: at(2), StepRows: at(3),
		Views: uint32(at(4)), BatchRows: uint32(at(5)), ValidUntilAhead: at(6),
		SignerRecords: uint32(at(7)), CheckpointWork: at(8), CheckpointBlocks: at(9),
		IdleTimeoutMS: at(10), GatewayIdleMS: at(11), MaxAheadMS: at(12),
		DrainRows: uint32(at(13)), RawPayloadBytes: uint32(at(14)), BlockTxs: uint32(at(15)),
		BackfillRows: at(16), ViewWork: at(17), StepDebt: at(18),
		SegmentLeaves: uint32(at(19)), SegmentBytes: at(20), SegmentMS: at(21),
	}
	if string(p.encode()) != string(v) || p.Check() != nil {
		return Parameters{}, errCodec
	}
	return p, nil
}

// LoadProtocol returns the protocol version in state.
func LoadProtocol(r Reader) (uint32, error) {
	v, found, err := r.Probe([]byte{kindProtocol})
	if err != nil {
		return 0, err
	}
	if !found || len(v) != 4 {
		return 0, errCodec
	}
	return binary.BigEndian.Uint32(v), nil
}
