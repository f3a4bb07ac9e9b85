package node_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"weir/client/verify"
	"weir/stream/value"
)

// testHistory: the versions of a table, and what a temporal join makes of them, are proven as rows
// of any table are.
func testHistory(t *testing.T, n *network, c *pgx.Conn) {
	t.Helper()
	run(t, c, "CREATE TABLE",
		"CREATE TABLE quotes (k text PRIMARY KEY, v int) WITH SYSTEM VERSIONING")
	run(t, c, "CREATE TABLE", "CREATE TABLE asked (id int PRIMARY KEY, k text, at timestamptz)")
	run(t, c, "INSERT 0 1", "INSERT INTO quotes VALUES ('a', 1)")
	run(t, c, "INSERT 0 1", "INSERT INTO asked VALUES (1, 'a', now())")
	run(t, c, "UPDATE 1", "UPDATE quotes SET v = 2")
	run(t, c, "INSERT 0 1", "INSERT INTO asked VALUES (2, 'a', now())")
	run(t, c, "DELETE 1", "DELETE FROM quotes")
	run(t, c, "INSERT 0 2", "INSERT INTO asked VALUES (3, 'a', now()), (4, 'a', '2001-01-01Z')")
	run(t, c, "ALTER TABLE", "ALTER TABLE quotes ADD COLUMN w int DEFAULT 7")
	for query, want := range map[string]string{
		`SELECT v, weir_deleted FROM quotes_history WHERE k = 'a'
			ORDER BY weir_valid_from`: "1 f|2 f|NULL t|",
		`SELECT a.id, q.v, q.w FROM asked a LEFT JOIN quotes FOR SYSTEM_TIME AS OF a.at AS q
			ON q.k = a.k`: "1 1 7|2 2 7|3 NULL NULL|4 NULL NULL|",
	} {
		file, root := n.prove(t, query)
		rep, err := verify.Verify(file, root, verify.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range rep.Answer.Rows {
			for i, d := range r {
				text := "NULL"
				if !d.IsNull() {
					text = string(value.AppendText(nil, d))
				}
				if i > 0 {
					text = " " + text
				}
				got += text
			}
			got += "|"
		}
		if got != want {
			t.Errorf("%s: proven are %s, want %s", query, got, want)
		}
	}
}
