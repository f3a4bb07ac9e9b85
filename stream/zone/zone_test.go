package zone_test

import (
	"archive/zip"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"weir/stream/zone"
)

// TestAtIsTheToolchains compares with package time over all zones and random times, where the
// toolchain's tables are there.
func TestAtIsTheToolchains(t *testing.T) {
	archive, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib/time/zoneinfo.zip"))
	if err != nil {
		t.Skipf("the tables of the toolchain are not here: %v", err)
	}
	defer archive.Close()
	rnd := rand.New(rand.NewPCG(1, 1))
	lo, hi := time.Date(1850, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2150, 1, 1, 0, 0, 0, 0, time.UTC)
	zones := 0
	for _, name := range zone.Names() {
		f, err := archive.Open(name)
		if err != nil {
			continue
		}
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		loc, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			t.Fatal(err)
		}
		zones++
		z := zone.Find(name)
		for range 2000 {
			at := lo.Unix() + rnd.Int64N(hi.Unix()-lo.Unix())
			_, want := time.Unix(at, 0).In(loc).Zone()
			if got := z.At(at); int(got) != want {
				t.Fatalf("%s at %d: %d, not %d", name, at, got, want)
			}
		}
	}
	if zones < 500 {
		t.Errorf("only %d zones were compared", zones)
	}
}

func TestLocal(t *testing.T) {
	berlin := zone.Find("europe/BERLIN")
	for _, c := range []struct {
		local string
		want  int32
	}{
		{"2024-03-31 01:59:59", 3600},
		{"2024-03-31 02:30:00", 3600}, // skipped: as before
		{"2024-03-31 03:00:00", 7200},
		{"2024-10-27 01:59:59", 7200},
		{"2024-10-27 02:30:00", 3600}, // repeated: as after
		{"2024-10-27 03:00:00", 3600},
		{"2099-07-01 00:00:00", 7200},
		{"1850-01-01 00:00:00", 3208},
	} {
		at, err := time.Parse(time.DateTime, c.local)
		if err != nil {
			t.Fatal(err)
		}
		if got := berlin.Local(at.Unix()); got != c.want {
			t.Errorf("%s: %d, not %d", c.local, got, c.want)
		}
	}
	if zone.Find("Europe/Nowhere") != nil {
		t.Error("a zone that does not exist")
	}
	if cest, ok := zone.Abbreviation("cest"); !ok || cest != 7200 {
		t.Errorf("CEST is %d, %t", cest, ok)
	}
}
