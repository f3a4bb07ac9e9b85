package zone

import (
	_ "embed"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"weir/internal/invariant"
)

//go:generate sh -c "go run ./gen -zip $(go env GOROOT)/lib/time/zoneinfo.zip -release 2025c"

// Release is the release of the tz database that the tables are of.
const Release = "2025c"

//go:embed zones.bin
var packed string

// tables is an immutable constant.
var tables = unpack(packed)

// Zone is a time zone.
type Zone struct {
	at     []int64 // transitions, seconds since 1970 UTC, ascending
	offset []int32 // from at[i] on, seconds east of UTC
	first  int32   // before the first transition
	std    int32   // after the last one
	summer bool    // there is summer time after the last one
	dst    int32
	begin  yearDay // of summer, in standard time
	end    yearDay // of summer, in summer time
}

// yearDay is a moment of the year: the week-th day of a month (5: the last), and seconds into it.
type yearDay struct{ month, week, day, second int64 }

type set struct {
	zones  map[string]*Zone // by name in lower case
	shorts map[string]int32 // offsets of abbreviations in lower case
	names  []string
}

// Find returns the zone of a name, in letters of any case; nil if there is none.
func Find(name string) *Zone { return tables.zones[lower(name)] }

// Abbreviation returns the seconds east of UTC that an abbreviation such as CEST means, in letters
// of any case.
func Abbreviation(name string) (int32, bool) {
	offset, ok := tables.shorts[lower(name)]
	return offset, ok
}

// Names are all names, ascending.
func Names() []string { return slices.Clone(tables.names) }

// lower maps ASCII letters.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// At is the seconds that the zone is east of UTC at a time, in seconds since 1970 UTC.
func (z *Zone) At(utc int64) int32 {
	n := len(z.at)
	if n > 0 && utc < z.at[0] {
		return z.first
	}
	if n == 0 || utc >= z.at[n-1] {
		return z.ruled(utc)
	}
	i, found := slices.BinarySearch(z.at, utc)
	if !found {
		i--
	}
	return z.offset[i]
}

// Local is the seconds east of UTC that a local time has, in seconds since 1970 as if it were UTC.
func (z *Zone) Local(local int64) int32 {
	const day = 24 * 3600
	prev := local - day
	before := z.At(prev)
	boundary, ok := z.next(prev)
	if !ok {
		return before
	}
	after := z.At(boundary)
	early, late := local-int64(before), local-int64(after)
	switch {
	case early < boundary && late < boundary:
		return before
	case early > boundary && late >= boundary:
		return after
	case early > late: // skipped
		return before
	}
	return after
}

// next is the first transition after a time.
func (z *Zone) next(utc int64) (int64, bool) {
	i, found := slices.BinarySearch(z.at, utc)
	if found {
		i++
	}
	if i < len(z.at) {
		return z.at[i], true
	}
	if !z.summer {
		return 0, false
	}
	last := int64(math.MinInt64)
	if n := len(z.at); n > 0 {
		last = z.at[n-1]
	}
	best, ok := int64(0), false
	y := yearOf(utc)
	for _, year := range []int64{y - 1, y, y + 1} {
		begin, end := z.year(year)
		for _, t := range []int64{begin, end} {
			if t > utc && t > last && (!ok || t < best) {
				best, ok = t, true
			}
		}
	}
	return best, ok
}

// ruled is the offset by the rule after the last transition.
func (z *Zone) ruled(utc int64) int32 {
	if !z.summer {
		return z.std
	}
	y := yearOf(utc + int64(z.std))
	begin, end := z.year(y)
	in := begin <= utc && utc < end
	if begin > end { // in the south summer spans the new year
		in = utc >= begin || utc < end
	}
	if in {
		return z.dst
	}
	return z.std
}

// year is when summer begins and ends.
func (z *Zone) year(y int64) (begin, end int64) {
	return z.begin.in(y) - int64(z.std), z.end.in(y) - int64(z.dst)
}

// in is the moment in a year, in seconds since 1970 as if local time were UTC.
func (d yearDay) in(year int64) int64 {
	first := daysFromCivil(year, d.month, 1)
	next := daysFromCivil(year, d.month+1, 1)
	day := first + mod(d.day-(first+4), 7) + (d.week-1)*7 // 1970-01-01 was a Thursday
	for day >= next {
		day -= 7
	}
	return day*24*3600 + d.second
}

func mod(a, b int64) int64 { return ((a % b) + b) % b }

// daysFromCivil counts days since 1970; month 13 is January of the next year.
func daysFromCivil(y, m, d int64) int64 {
	if m > 12 {
		y, m = y+1, m-12
	}
	if m <= 2 {
		y--
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yoe := y - era*400
	doy := (153*mod(m-3, 12)+2)/5 + d - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// yearOf is the year of a time.
func yearOf(utc int64) int64 {
	days := (utc - mod(utc, 24*3600)) / (24 * 3600)
	y := 1970 + days*400/146097
	for daysFromCivil(y, 1, 1) > days {
		y--
	}
	for daysFromCivil(y+1, 1, 1) <= days {
		y++
	}
	return y
}

// reader reads zones.bin, which is part of the program.
type reader struct{ b []byte }

func (r *reader) uint() int {
	v, n := binary.Uvarint(r.b)
	invariant.Check(n > 0, "the tables of time zones are broken")
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	invariant.Check(n > 0, "the tables of time zones are broken")
	r.b = r.b[n:]
	return v
}

func (r *reader) text() string {
	n := r.uint()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) byte() byte {
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func unpack(s string) *set {
	r := &reader{[]byte(s)}
	release := r.text()
	invariant.Check(release == Release, "time zones of release %s", release)
	list := make([]*Zone, r.uint())
	for i := range list {
		list[i] = r.zone()
	}
	out := &set{zones: map[string]*Zone{}, shorts: map[string]int32{}}
	for range r.uint() {
		name := r.text()
		out.names = append(out.names, name)
		out.zones[lower(name)] = list[r.uint()]
	}
	for range r.uint() {
		name := r.text()
		out.shorts[lower(name)] = int32(r.int())
	}
	return out
}

func (r *reader) zone() *Zone {
	types := make([]int32, r.uint())
	for i := range types {
		types[i] = int32(r.int())
	}
	n := r.uint()
	z := &Zone{at: make([]int64, n), offset: make([]int32, n), first: types[0]}
	last := int64(0)
	for i := range n {
		last += r.int()
		z.at[i], z.offset[i] = last, types[r.byte()]
	}
	z.summer = r.byte() == 1
	if z.std = int32(r.int()); z.summer {
		z.dst = int32(r.int())
		for _, d := range []*yearDay{&z.begin, &z.end} {
			*d = yearDay{r.int(), r.int(), r.int(), r.int()}
		}
	}
	return z
}
