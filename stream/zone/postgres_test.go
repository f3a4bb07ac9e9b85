package zone_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/stream/streamtest/postgres"
	"weir/stream/zone"
)

const day = 24 * 3600

// times are random ones from 1900 to 2100, half of them within hours of a transition.
func times(z *zone.Zone, rnd *rand.Rand) []int64 {
	var out []int64
	for range 12 {
		year := 1900 + rnd.IntN(200)
		start := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		out = append(out, start+rnd.Int64N(365*day))
		for at := start; at < start+365*day; at += day {
			if z.At(at) != z.At(at+day) {
				lo, hi := at, at+day
				for hi-lo > 1 {
					if mid := (lo + hi) / 2; z.At(mid) == z.At(at) {
						lo = mid
					} else {
						hi = mid
					}
				}
				out = append(out, hi+int64(z.At(hi))+rnd.Int64N(4*3600)-2*3600)
			}
		}
	}
	return out
}

// TestLocalIsPostgres asks PostgreSQL for AT TIME ZONE in both directions over all zones. Its
// tables may be of another release: a local time is compared where the days around it agree.
func TestLocalIsPostgres(t *testing.T) {
	c := postgres.Start(t)
	rnd := rand.New(rand.NewPCG(2, 2))
	same, other, locals := 0, 0, 0
	for _, name := range zone.Names() {
		z := zone.Find(name)
		var list []string
		for _, x := range times(z, rnd) {
			list = append(list, strconv.FormatInt(x, 10))
		}
		at := func(shift string) string {
			return fmt.Sprintf("extract(epoch FROM to_timestamp(x%s) AT TIME ZONE '%s')::bigint",
				shift, name)
		}
		res, err := c.Exec(context.Background(), fmt.Sprintf("SELECT x, %s, %s, %s, extract(epoch FROM "+
			"(timestamp '1970-01-01' + x * interval '1 second') AT TIME ZONE '%s')::bigint "+
			"FROM unnest(ARRAY[%s]::bigint[]) x", at("-86400"), at(""), at("+86400"), name,
			strings.Join(list, ","))).ReadAll()
		if err != nil {
			continue // a zone that the server does not have
		}
		for _, row := range res[0].Rows {
			var v [5]int64
			for i, cell := range row {
				if v[i], err = strconv.ParseInt(string(cell), 10, 64); err != nil {
					t.Fatal(err)
				}
			}
			x := v[0]
			agree := true
			for i, at := range []int64{x - day, x, x + day} {
				agree = agree && v[1+i] == at+int64(z.At(at))
			}
			if !agree {
				other++
				continue
			}
			same++
			if got := x - int64(z.Local(x)); got != v[4] {
				t.Errorf("%s: local %s is %d, not %d", name, time.Unix(x, 0).UTC(), got, v[4])
			}
			if z.At(x-day) != z.At(x+day) {
				locals++
			}
		}
	}
	t.Logf("%d times agree, %d near transitions; %d of another release", same, locals, other)
	if same < 5000 || locals < 1000 || other*10 > same {
		t.Errorf("%d times agree, %d near transitions, %d do not", same, locals, other)
	}
}
