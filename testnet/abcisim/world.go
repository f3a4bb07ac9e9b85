package abcisim

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"weir/app/auth"
	"weir/app/tx"
	weirv1 "weir/proto/weir/v1"
	"weir/stream/row"
	"weir/stream/value"
)

// world is what is outside of the nodes: the genesis file and the clients.
type world struct {
	rng      *rand.Rand
	domain   tx.Domain
	appState []byte
	owner    ed25519.PrivateKey
	writers  []*writer
	setup    []string // DDL that has not applied yet, one a body
	setting  []byte   // the body of setup[0] that is under way
	nonce    uint64
	sent     [][]byte // for resends
}

// writer is a client that appends to the stream.
type writer struct {
	key  ed25519.PrivateKey
	name string
	seq  uint64 // last sequence that applied
	prev [32]byte
	// ahead are the batches that were made and not settled, by raw bytes.
	ahead map[string]pending
	next  uint64 // sequence of the next batch to make
	last  [32]byte
	at    int64 // event time
}

type pending struct {
	rows uint64
	hash [32]byte
}

// streamID is the first relation of the walk: ids are counters.
const streamID = 1024

// schema is the DDL of every walk. Ids: the stream and its derived relations are 1024 to 1026,
// the table is 1027, views follow.
var schema = []string{
	`CREATE STREAM readings (meter text NOT NULL, at timestamp, kwh int, price numeric(10,2),
	   WATERMARK FOR at AS at - INTERVAL '10 seconds', CHECK (kwh < 900))`,
	`CREATE TABLE meters (meter text PRIMARY KEY, owner text, factor int)`,
	`GRANT INSERT ON readings TO fleet WRITERS (w0, w1, w2)`,
	`CREATE MATERIALIZED VIEW totals FROM RETAINED AS
	   SELECT meter, count(*) AS n, count(kwh) AS k,
	   sum(kwh) AS s, min(kwh) AS lo, max(kwh) AS hi, avg(kwh) AS mean, sum(price) AS cost
	   FROM readings GROUP BY meter`,
	`CREATE MATERIALIZED VIEW windows FROM RETAINED AS
	   SELECT meter, window_start, window_end, count(*) AS n,
	   sum(kwh) AS s FROM TUMBLE(readings, at, INTERVAL '1 minute')
	   GROUP BY meter, window_start, window_end`,
	`CREATE MATERIALIZED VIEW closed FROM RETAINED AS
	   SELECT meter, window_start, window_end, count(*) AS n
	   FROM TUMBLE(readings, at, INTERVAL '30 seconds')
	   GROUP BY meter, window_start, window_end EMIT ON WINDOW CLOSE`,
	`CREATE MATERIALIZED VIEW owners FROM RETAINED AS
	   SELECT m.owner, count(*) AS n, sum(r.kwh * m.factor) AS s
	   FROM readings r JOIN meters m ON r.meter = m.meter GROUP BY m.owner`,
	`CREATE MATERIALIZED VIEW ratios AS SELECT meter, 100 / factor AS share FROM meters`,
	`CREATE MATERIALIZED VIEW busy AS SELECT meter, n FROM totals WHERE n > 3`,
}

func newWorld(rng *rand.Rand) (*world, error) { return newWorldOf(rng, 3) }

// newWorldOf makes a world with a number of writers.
func newWorldOf(rng *rand.Rand, writers int) (*world, error) {
	w := &world{
		rng:    rng,
		domain: tx.Domain{ChainID: "abcisim", GenesisHash: sha256.Sum256([]byte("abcisim"))},
	}
	w.setup = w.richer()
	w.owner = w.newKey(0)
	fleet := auth.Role{Name: "fleet", Rights: []string{}, Gateways: []string{}}
	for i := range writers {
		one := &writer{
			key: w.newKey(byte(i + 1)), name: fmt.Sprintf("w%d", i), next: 1,
			ahead: map[string]pending{}, at: start.UnixMicro(),
		}
		w.writers = append(w.writers, one)
		fleet.Keys = append(fleet.Keys, auth.RoleKey{
			Key: auth.Key(one.key.Public().(ed25519.PublicKey)), Writers: []string{one.name},
		})
	}
	params := auth.DefaultParameters()
	params.CheckpointBlocks = 1 + uint64(rng.IntN(6)) // often, so that restarts have something
	params.BackfillRows = 1 + uint64(rng.IntN(40))    // little, so that backfills take blocks
	params.SegmentLeaves = 1 + uint32(rng.IntN(5))    // small, so that some go
	params.SegmentMS = 1000 * (1 + uint64(rng.IntN(20)))
	g := auth.Genesis{
		Parameters: params, Gateways: []auth.Gateway{},
		Roles: []auth.Role{fleet, {
			Name: "weir", Rights: []string{"CREATE", "GOVERN"}, Gateways: []string{},
			Keys: []auth.RoleKey{{
				Key:     auth.Key(w.owner.Public().(ed25519.PublicKey)),
				Writers: []string{auth.AnyWriter},
			}},
		}},
	}
	var err error
	w.appState, err = json.Marshal(g)
	return w, err
}

// newKey makes a key from the walk's seed.
func (w *world) newKey(salt byte) ed25519.PrivateKey {
	seed := sha256.Sum256(binary.BigEndian.AppendUint64([]byte{salt}, w.rng.Uint64()))
	return ed25519.NewKeyFromSeed(seed[:])
}

// transaction makes the next transaction: schema first, then batches, statements and nonsense.
func (w *world) transaction(height uint64) []byte {
	if len(w.setup) > 0 && w.setting == nil {
		w.setting = w.statement(height, w.setup[0])
		return w.setting
	}
	var raw []byte
	switch k := w.rng.IntN(20); {
	case k < 10:
		raw = w.append(height)
	case k == 10:
		raw = w.statement(height, w.ddl())
	case k < 16:
		raw = w.statement(height, w.dml())
	case k == 16 && len(w.sent) > 0:
		return w.sent[w.rng.IntN(len(w.sent))]
	case k == 17:
		raw = w.statement(height, w.nonsense())
	case k == 18:
		raw = w.gap(height)
	default:
		raw = make([]byte, w.rng.IntN(200))
		for i := range raw {
			raw[i] = byte(w.rng.Uint32())
		}
	}
	w.sent = append(w.sent, raw)
	return raw
}

// sign signs a body; the walk makes only bodies that can be encoded.
func (w *world) sign(key ed25519.PrivateKey, role string, height uint64, op *weirv1.Operation,
	payloads ...[]byte,
) []byte {
	w.nonce++
	raw, err := tx.Sign(key, w.domain, &weirv1.Header{
		Role: role, ValidUntil: height + 300 + uint64(w.rng.IntN(500)), Nonce: w.nonce,
		Operations: []*weirv1.Operation{op},
	}, payloads)
	if err != nil {
		panic(fmt.Sprintf("abcisim: signing: %v", err))
	}
	return raw
}

func (w *world) statement(height uint64, text string) []byte {
	return w.sign(w.owner, "weir", height, tx.StatementOp(text))
}

// append makes the next batch of a random writer, in sequence after those it has made.
func (w *world) append(height uint64) []byte {
	p := w.writers[w.rng.IntN(len(w.writers))]
	n := w.rng.IntN(7)
	var payload []byte // of a batch that only closes there is none
	if n > 0 {
		payload = row.EncodePayload(w.rows(p, n), n)
	}
	raw := w.sign(p.key, "fleet", height, tx.AppendOp(tx.Spec{
		Relation: streamID, SchemaVersion: 1, Writer: p.name, FirstSeq: p.next,
		Rows: uint32(n), Previous: p.last, Payload: payload, Close: n == 0 || w.rng.IntN(12) == 0,
	}), payload)
	p.ahead[string(raw)] = pending{uint64(n), sha256.Sum256(payload)}
	p.next += uint64(n)
	p.last = sha256.Sum256(payload)
	return raw
}

// gap makes a batch whose predecessor never was.
func (w *world) gap(height uint64) []byte {
	p := w.writers[w.rng.IntN(len(w.writers))]
	payload := row.EncodePayload(w.rows(p, 1), 1)
	return w.sign(p.key, "fleet", height, tx.AppendOp(tx.Spec{
		Relation: streamID, SchemaVersion: 1, Writer: p.name, FirstSeq: p.next + 1000, Rows: 1,
		Previous: p.last, Payload: payload,
	}), payload)
}

// settled tells a writer that a batch was decided. After a refusal, and from time to time for
// what has been lost, it starts again from what has applied.
func (w *world) settled(raw []byte, applied bool) {
	if string(raw) == string(w.setting) {
		w.setting = nil
		if applied {
			w.setup = w.setup[1:]
		}
	}
	for _, p := range w.writers {
		b, ok := p.ahead[string(raw)]
		if !ok {
			continue
		}
		delete(p.ahead, string(raw))
		if applied {
			p.seq, p.prev = p.seq+b.rows, b.hash
		}
		if !applied || len(p.ahead) > 6 {
			p.next, p.last, p.ahead = p.seq+1, p.prev, map[string]pending{}
		}
	}
}

// rows makes rows out of order in event time, with NULLs and values that CHECK refuses.
func (w *world) rows(p *writer, n int) []*value.Vec {
	meter := value.NewVec(value.Of(value.Text), n)
	at := value.NewVec(value.Of(value.Timestamp), n)
	kwh := value.NewVec(value.Of(value.Int4), n)
	price := value.NewVec(value.Type{Kind: value.Numeric, Precision: 10, Scale: 2}, n)
	for range n {
		p.at += int64(w.rng.IntN(8_000_000))
		meter.AppendBytes([]byte{'m', byte('0' + w.rng.IntN(4))})
		if w.rng.IntN(25) == 0 {
			at.AppendNull()
		} else {
			at.AppendInt(p.at - int64(w.rng.IntN(25_000_000)))
		}
		if w.rng.IntN(8) == 0 {
			kwh.AppendNull()
		} else {
			kwh.AppendInt(int64(w.rng.IntN(1000)))
		}
		price.AppendDecimal(value.Decimal{
			Coef: value.Int128FromInt64(int64(w.rng.IntN(100_000))), Scale: 2,
		})
	}
	return []*value.Vec{meter, at, kwh, price}
}

// dml changes the table: new meters, other factors (0 makes a division fail), deletions.
func (w *world) dml() string {
	m := w.rng.IntN(5)
	switch w.rng.IntN(4) {
	case 0:
		return fmt.Sprintf("DELETE FROM meters WHERE meter = 'm%d'", m)
	case 1:
		return fmt.Sprintf("UPDATE meters SET factor = %d WHERE meter = 'm%d'", w.rng.IntN(3), m)
	default:
		return fmt.Sprintf("INSERT INTO meters VALUES ('m%d', 'o%d', %d)", m, w.rng.IntN(2),
			w.rng.IntN(4))
	}
}

// ddl changes what there is: views stop, are rebuilt, get other queries, come and go; relations
// get columns, under which no writer ever sends.
func (w *world) ddl() string {
	views := []string{
		"totals", "windows", "closed", "owners", "ratios", "busy", "extra", "q0", "q1", "q2", "q3",
	}
	v := views[w.rng.IntN(len(views))]
	k := w.rng.IntN(4)
	list := []string{
		"ALTER MATERIALIZED VIEW " + v + " SUSPEND",
		"ALTER MATERIALIZED VIEW " + v + " RESUME CASCADE",
		"ALTER MATERIALIZED VIEW " + v + " RESUME CASCADE FROM RETAINED",
		"ALTER MATERIALIZED VIEW " + v + " RESUME CASCADE FROM RETAINED",
		fmt.Sprintf("ALTER STREAM readings SET (retention = '%d seconds')", 5+40*k),
		fmt.Sprintf("ALTER STREAM readings SET (retention_bytes = %d)", 100+1000*k),
		"ALTER STREAM readings RESET (retention, retention_bytes)",
		fmt.Sprintf("ERASE FROM readings WHERE weir_offset BETWEEN 0 AND %d WITHIN '%d seconds'",
			w.rng.IntN(8), 10*k+1),
		fmt.Sprintf("CREATE OR REPLACE MATERIALIZED VIEW busy FROM RETAINED AS "+
			"SELECT meter, n FROM totals WHERE n > %d", k),
		fmt.Sprintf("CREATE OR REPLACE MATERIALIZED VIEW ratios AS "+
			"SELECT meter, %d * 100 / factor AS share FROM meters", k),
		"CREATE OR REPLACE " + schema[3][len("CREATE "):],
		fmt.Sprintf("ALTER TABLE meters ADD COLUMN IF NOT EXISTS c%d int DEFAULT %d", k, k),
		fmt.Sprintf("ALTER STREAM readings ADD COLUMN IF NOT EXISTS s%d text DEFAULT 'x'", k),
		"CREATE MATERIALIZED VIEW IF NOT EXISTS extra FROM RETAINED AS " +
			"SELECT weir_producer AS p, count(*) AS n, max(kwh) AS hi FROM readings GROUP BY 1",
		"DROP MATERIALIZED VIEW IF EXISTS extra",
		"CREATE MATERIALIZED VIEW IF NOT EXISTS extra FROM RETAINED AS " +
			queries[w.rng.IntN(len(queries))],
	}
	return list[w.rng.IntN(len(list))]
}

// nonsense is SQL that must be refused.
func (w *world) nonsense() string {
	bad := []string{
		"SELEC 1", "DROP STREAM nothing", "CREATE TABLE meters (a int PRIMARY KEY)",
		"DROP STREAM readings", "INSERT INTO meters VALUES (NULL, 'x', 1)",
		"CREATE MATERIALIZED VIEW v AS SELECT nobody FROM readings",
		"UPDATE readings SET kwh = 1 WHERE meter = 'm0'", "BEGIN",
		"INSERT INTO meters VALUES ('m9', 'x', 99999999999)",
	}
	return bad[w.rng.IntN(len(bad))]
}
