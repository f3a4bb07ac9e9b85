package node_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"weir/client/verify"
)

// testIndexes: an answer over columns that are no key is proven by the rows of a range of an
// index, of a table and of a view, and by the whole relation once the index is gone.
func testIndexes(t *testing.T, n *network, c *pgx.Conn) {
	t.Helper()
	run(t, c, "CREATE TABLE", "CREATE TABLE sold (id int PRIMARY KEY, shop text, cents int)")
	run(t, c, "INSERT 0 2000", `INSERT INTO sold
		SELECT g, 'shop ' || (g % 100)::text, g FROM generate_series(1, 2000) AS g`)
	run(t, c, "CREATE MATERIALIZED VIEW", `CREATE MATERIALIZED VIEW earned AS
		SELECT shop, sum(cents) AS cents FROM sold GROUP BY shop`)
	run(t, c, "CREATE INDEX", "CREATE INDEX sold_shop ON sold (shop, cents DESC)")
	run(t, c, "CREATE INDEX", "CREATE INDEX ON earned (cents)")
	run(t, c, "UPDATE 1", "UPDATE sold SET shop = 'shop 8' WHERE id = 7")
	for _, q := range []struct {
		text    string
		rows    int
		through string
	}{
		{"SELECT id FROM sold WHERE shop = 'shop 8' AND cents <= 108", 3, "sold_shop"},
		{"SELECT id FROM sold WHERE shop = 'shop 7'", 19, "sold_shop"},
		{"SELECT id FROM sold WHERE shop = 'nobody'", 0, "sold_shop"},
		{"SELECT shop FROM earned WHERE cents >= 20950", 3, "earned_cents_idx"},
		{"SELECT id FROM sold WHERE id = 7 AND shop = 'shop 8'", 1, ""},
	} {
		file, root := n.prove(t, q.text)
		rep, err := verify.Verify(file, root, verify.Options{})
		if err != nil {
			t.Fatalf("%s: %v", q.text, err)
		}
		through := ""
		for _, x := range rep.Indexes {
			through += x.Name
		}
		if len(rep.Answer.Rows) != q.rows || through != q.through || len(file) > 16<<10 {
			t.Errorf("%s: %d rows, through %q, %d bytes", q.text, len(rep.Answer.Rows), through,
				len(file))
		}
	}
	run(t, c, "DROP INDEX", "DROP INDEX sold_shop")
	file, root := n.prove(t, "SELECT id FROM sold WHERE shop = 'shop 7'")
	rep, err := verify.Verify(file, root, verify.Options{})
	if err != nil || len(rep.Answer.Rows) != 19 || len(rep.Indexes) != 0 || len(file) < 32<<10 {
		t.Errorf("without the index: %v, %d bytes", err, len(file))
	}
}
