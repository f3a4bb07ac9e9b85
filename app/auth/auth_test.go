package auth

import (
	"bytes"
	stded25519 "crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/app/tx"
	weirv1 "weir/proto/weir/v1"
)

type mapState map[string][]byte

func (m mapState) Probe(key []byte) ([]byte, bool, error) {
	v, ok := m[string(key)]
	return v, ok, nil
}
func (m mapState) Set(key, value []byte) { m[string(key)] = value }
func (m mapState) Delete(key []byte)     { delete(m, string(key)) }

func testKey(n int) stded25519.PrivateKey {
	seed := sha256.Sum256(fmt.Appendf(nil, "key %d", n))
	return stded25519.NewKeyFromSeed(seed[:])
}

func pub(n int) Key { return Key(testKey(n)[tx.KeySize:]) }

func testGenesis() *Genesis {
	return &Genesis{
		Parameters: DefaultParameters(),
		Gateways:   []Gateway{{"node0", pub(100)}, {"node1", pub(101)}},
		Roles: []Role{
			{Name: "weir", Rights: []string{"CREATE", "GOVERN"}, Gateways: []string{"*"}},
			{
				Name: "alice", Gateways: []string{"node1"},
				Keys: []RoleKey{
					{pub(1), []string{"w2", "w1"}}, {pub(2), []string{"*"}}, {Key: pub(3)},
				},
			},
		},
	}
}

func wantCode(t *testing.T, err error, code uint32) {
	t.Helper()
	rej := tx.AsReject(err)
	if code == 0 && err != nil || code != 0 && (rej == nil || rej.Code != code) {
		t.Fatalf("error is %v, want code %d", err, code)
	}
}

func TestParse(t *testing.T) {
	good, err := json.Marshal(testGenesis())
	if err != nil {
		t.Fatal(err)
	}
	g, err := Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(g)
	if err != nil || !bytes.Equal(good, again) {
		t.Fatalf("%s\n%s\n%v", good, again, err)
	}
	if g, err := Parse([]byte(`{"roles":[{"name":"a"}]}`)); err != nil ||
		g.Parameters != DefaultParameters() {
		t.Fatal(g, err)
	}
	if g, err := Parse([]byte(`{"parameters":{"views":7}}`)); err != nil ||
		g.Parameters.Views != 7 || g.Parameters.TxBytes != 512<<10 {
		t.Fatal(g, err)
	}
	small := "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
	k := pub(1)
	key := hex.EncodeToString(k[:])
	for _, c := range []string{
		``, `null x`, `{`, `{} {}`, `[]`, `{"roles":`,
		`{"surprise":1}`, `{"Roles":[]}`, `{"roles":[],"roles":[]}`,
		`{"protocol_version":1}`, `{"parameters":{"views":0}}`,
		`{"parameters":{"tx_bytes":2000000}}`, `{"parameters":{"block_work":8192}}`,
		`{"roles":[{"name":""}]}`, `{"roles":[{"name":"a"},{"name":"a"}]}`,
		`{"roles":[{"name":"a","rights":["DROP"]}]}`,
		`{"roles":[{"name":"a","rights":["CREATE","CREATE"]}]}`,
		`{"roles":[{"name":"a","gateways":["nobody"]}]}`,
		`{"roles":[{"name":"a","keys":[{"key":"` + small + `"}]}]}`,
		`{"roles":[{"name":"a","keys":[{"key":"` + strings.Repeat("ff", 32) + `"}]}]}`,
		`{"roles":[{"name":"a","keys":[{"key":"00"}]}]}`,
		`{"roles":[{"name":"a","keys":[{"key":"` + strings.ToUpper(key) + `"}]}]}`,
		`{"roles":[{"name":"a","keys":[{"key":"` + key + `","writers":["gw/x"]}]}]}`,
		`{"roles":[{"name":"a","keys":[{"key":"` + key + `","writers":["*","x"]}]}]}`,
		`{"gateways":[{"node":"a","key":"` + small + `"}]}`,
		strings.Repeat("[", 100) + strings.Repeat("]", 100),
	} {
		if g, err := Parse([]byte(c)); tx.AsReject(err) == nil {
			t.Errorf("%s: %+v, %v", c, g, err)
		}
	}
}

// grantedState is the genesis state with two grants of alice on relation 1024: to insert as w1 or
// w2, and to delete as w1 or w3.
func grantedState(t *testing.T) mapState {
	t.Helper()
	st := mapState{}
	g := testGenesis()
	if err := Install(st, g); err != nil {
		t.Fatal(err)
	}
	if p, err := LoadParameters(st); err != nil || p != g.Parameters {
		t.Fatal(p, err)
	}
	if v, err := LoadProtocol(st); err != nil || v != ProtocolVersion {
		t.Fatal(v, err)
	}
	lim := tx.DefaultLimits()
	opened, err := AddGrant(st, 1024, "alice", Insert, []string{"w2", "w1", "w2"}, lim)
	if err != nil || !slices.Equal(opened, []string{"w1", "w2"}) {
		t.Fatal(opened, err)
	}
	opened, err = AddGrant(st, 1024, "alice", Delete, []string{"w1", "w3"}, lim)
	if err != nil || !slices.Equal(opened, []string{"w3"}) {
		t.Fatal(opened, err)
	}
	_, err = AddGrant(st, 1024, "bob", Insert, nil, lim)
	wantCode(t, err, tx.CodeUnknownRole)
	return st
}

func TestChecks(t *testing.T) {
	st := grantedState(t)
	for _, c := range []struct {
		key      int
		role     string
		writer   string
		relation uint32
		code     uint32
	}{
		{1, "alice", "w1", 1024, 0},
		{1, "alice", "w2", 1024, 0},
		{1, "alice", "w3", 1024, tx.CodeWriterNotGranted},
		{1, "alice", "w1", 1025, tx.CodeNoInsertRight},
		{1, "bob", "w1", 1024, tx.CodeUnknownRole},
		{1, "weir", "w1", 1024, tx.CodeKeyNotInRole},
		{2, "alice", "anything", 1024, 0},
		{2, "alice", "gw/node1", 1024, tx.CodeWriterNotGranted},
		{3, "alice", "w1", 1024, tx.CodeWriterNotGranted},
		{3, "alice", "*", 1024, tx.CodeWriterNotGranted},
		{101, "alice", "gw/node1", 1024, 0},
		{101, "alice", "gw/node0", 1024, tx.CodeWriterNotGranted},
		{101, "alice", "w1", 1024, tx.CodeWriterNotGranted},
		{100, "alice", "gw/node0", 1024, tx.CodeKeyNotInRole},
		{100, "weir", "gw/node0", 1024, tx.CodeNoInsertRight},
		{9, "alice", "w1", 1024, tx.CodeKeyNotInRole},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			_, err := CheckBody(st, appendBy(t, c.key, c.role, c.writer, c.relation))
			wantCode(t, err, c.code)
		})
	}
}

func TestRights(t *testing.T) {
	st, lim := grantedState(t), tx.DefaultLimits()
	m, err := CheckMember(st, pub(100), "weir")
	if err != nil || m.CheckCreate() != nil || m.CheckGovern() != nil {
		t.Fatal(m, err)
	}
	m, err = CheckMember(st, pub(1), "alice")
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, m.CheckCreate(), tx.CodeNoCreateRight)
	wantCode(t, m.CheckGovern(), tx.CodeNoGovernRight)
	if err := RevokeGrant(st, 1024, "alice", Insert); err != nil {
		t.Fatal(err)
	}
	wantCode(t, CheckInsert(st, "alice", 1024), tx.CodeNoInsertRight)
	if err := RevokeGrant(st, 1024, "alice", Delete); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := st.Probe(grantKey(1024, "alice")); found {
		t.Error("an empty grant is left")
	}
	RemoveKey(st, "alice", pub(1))
	_, err = CheckMember(st, pub(1), "alice")
	wantCode(t, err, tx.CodeKeyNotInRole)
	wantCode(t, SetKey(st, "alice", RoleKey{Key: pub(101)}, lim), tx.CodeBadKey)
}

func appendBy(t *testing.T, key int, role, writer string, relation uint32) *tx.Tx {
	t.Helper()
	s := tx.Spec{
		Relation: relation, SchemaVersion: 1, Writer: writer,
		FirstSeq: 1, Rows: 1, Payload: []byte("x"),
	}
	raw, err := tx.Sign(testKey(key), tx.Domain{ChainID: "c"}, &weirv1.Header{
		Role: role, ValidUntil: 9, Operations: []*weirv1.Operation{tx.AppendOp(s)},
	}, [][]byte{s.Payload})
	if err != nil {
		t.Fatal(err)
	}
	got, err := tx.Decode(raw, tx.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestLimits takes every list to its limit and one beyond.
func TestLimits(t *testing.T) {
	writers := func(n int) (w []string) {
		for i := range n {
			w = append(w, fmt.Sprint("w", i))
		}
		return w
	}
	for _, c := range []struct {
		name string
		n    int
		make func(n int) *Genesis
	}{
		{"roles", MaxRoles, func(n int) *Genesis {
			g := &Genesis{Parameters: DefaultParameters()}
			for i := range n {
				g.Roles = append(g.Roles, Role{Name: fmt.Sprint("r", i)})
			}
			return g
		}},
		{"gateways", MaxGateways, func(n int) *Genesis {
			g := &Genesis{Parameters: DefaultParameters()}
			for i := range n {
				g.Gateways = append(g.Gateways, Gateway{fmt.Sprint("n", i), pub(i)})
			}
			return g
		}},
		{"keys", MaxKeysPerRole, func(n int) *Genesis {
			r := Role{Name: "r"}
			for i := range n {
				r.Keys = append(r.Keys, RoleKey{Key: pub(i)})
			}
			return &Genesis{Parameters: DefaultParameters(), Roles: []Role{r}}
		}},
		{"writers", MaxWriters, func(n int) *Genesis {
			r := Role{Name: "r", Keys: []RoleKey{{pub(0), writers(n)}}}
			return &Genesis{Parameters: DefaultParameters(), Roles: []Role{r}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.make(c.n).Check(); err != nil {
				t.Errorf("%d: %v", c.n, err)
			}
			if err := c.make(c.n + 1).Check(); tx.AsReject(err) == nil {
				t.Errorf("%d: %v", c.n+1, err)
			}
		})
	}
	for _, b := range (&Parameters{}).bounds() {
		for _, v := range []uint64{b.min - 1, b.max + 1} {
			js := fmt.Sprintf(`{"parameters":{%q:%d}}`, b.name, v)
			if _, err := Parse([]byte(js)); tx.AsReject(err) == nil {
				t.Errorf("%s: %v", js, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	good, err := json.Marshal(testGenesis())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Parse(b)
		if err == nil && g.Check() != nil || err != nil && tx.AsReject(err) == nil {
			t.Fatal(g, err)
		}
	})
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add(entry{3, []string{"a", "bc"}}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := decodeEntry(b); err == nil && !bytes.Equal(e.encode(), b) {
			t.Fatalf("%+v encodes to other bytes", e)
		}
	})
}
