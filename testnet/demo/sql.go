package demo

import (
	"context"
	"fmt"
	"strings"

	"weir/client"
	"weir/testnet"
	"weir/testnet/flights"
)

// The views that the demo keeps up to date.
const (
	createDaily = `CREATE MATERIALIZED VIEW daily_delays AS
SELECT window_start, window_end, origin, count(*) AS flights,
       avg(delay_min) AS avg_delay, max(delay_min) AS max_delay
FROM TUMBLE(flights, departed_at, INTERVAL '1 day')
GROUP BY window_start, window_end, origin
EMIT ON WINDOW CLOSE`

	createRoutes = `CREATE MATERIALIZED VIEW routes AS
SELECT origin, destination, count(*) AS flights, sum(distance_mi) AS miles
FROM flights GROUP BY origin, destination`

	createAirports = `CREATE MATERIALIZED VIEW airports AS
SELECT origin, count(*) AS flights, avg(delay_min) AS avg_delay, max(delay_min) AS max_delay
FROM flights GROUP BY origin`
)

// The questions that it asks them.
const (
	countDaily = "SELECT count(*) AS closed_windows FROM daily_delays"

	worstAirports = "SELECT origin, flights, round(avg_delay, 1) AS avg_delay, max_delay " +
		"FROM airports WHERE flights >= 200 ORDER BY avg_delay DESC, origin LIMIT 5"

	busiestRoutes = "SELECT origin, destination, flights, miles " +
		"FROM routes ORDER BY flights DESC, origin, destination LIMIT 5"

	provenQuery = "SELECT origin, flights, avg_delay, max_delay FROM airports WHERE origin = 'LAX'"
)

// declare creates the stream, admits its producers, and creates the views.
func (d *story) declare(ctx context.Context) error {
	owner, err := client.HomeKeys(d.dir).Load(testnet.OwnerKey)
	if err != nil {
		return err
	}
	signer, err := d.client.NewSigner(ctx, owner, testnet.OwnerRole)
	if err != nil {
		return err
	}
	var writers []string
	for p := range producers {
		writers = append(writers, writer(p))
	}
	grant := fmt.Sprintf("GRANT INSERT ON flights TO %s WRITERS (%s)", producerRole,
		strings.Join(writers, ", "))
	for _, sql := range []string{
		flights.CreateStream, grant, createDaily, createRoutes, createAirports,
	} {
		r, err := signer.Exec(ctx, sql)
		if err != nil {
			return fmt.Errorf("%s: %w", headline(sql), err)
		}
		d.say("   block %-4d %s\n", r.Height, headline(sql))
	}
	return nil
}

// headline is a statement's first line.
func headline(sql string) string {
	line, _, _ := strings.Cut(sql, "\n")
	return strings.TrimSuffix(strings.TrimSuffix(line, " AS"), " (")
}
