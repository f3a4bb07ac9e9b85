package expr

import (
	"strconv"
	"strings"

	"weir/stream/value"
	"weir/stream/zone"
)

// timeZone is a zone of the tables, or, without one, an offset east of UTC.
type timeZone struct {
	zone   *zone.Zone
	offset int64 // microseconds
}

// timeZoneOf reads an abbreviation, the name of a zone, or a signed number of hours, which is
// POSIX's, positive to the west; in this order, as PostgreSQL does.
func timeZoneOf(name string) (timeZone, *value.Error) {
	if offset, ok := zone.Abbreviation(name); ok {
		return timeZone{offset: int64(offset) * value.MicrosPerSecond}, nil
	}
	if z := zone.Find(name); z != nil {
		return timeZone{zone: z}, nil
	}
	unknown := value.Errorf(value.StateBadParameter, "time zone %q not recognized", name)
	if name == "" || name[0] != '+' && name[0] != '-' {
		return timeZone{}, unknown
	}
	parts := strings.Split(name[1:], ":")
	total, unit := int64(0), int64(3600)
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || len(parts) > 3 || i > 0 && (n > 59 || len(p) != 2) || i == 0 && n > 15 {
			return timeZone{}, unknown
		}
		total, unit = total+int64(n)*unit, unit/60
	}
	if name[0] == '+' {
		total = -total
	}
	return timeZone{offset: total * value.MicrosPerSecond}, nil
}

// at is the microseconds that the zone is east of UTC at a time.
func (z timeZone) at(utc int64) int64 {
	if z.zone == nil {
		return z.offset
	}
	return int64(z.zone.At(floorSeconds(utc))) * value.MicrosPerSecond
}

// local is the microseconds that the zone is east of UTC at a local time.
func (z timeZone) local(t int64) int64 {
	if z.zone == nil {
		return z.offset
	}
	return int64(z.zone.Local(floorSeconds(t))) * value.MicrosPerSecond
}

func floorSeconds(us int64) int64 {
	s := us / value.MicrosPerSecond
	if us%value.MicrosPerSecond < 0 {
		s--
	}
	return s
}

// moved adds an offset to a time.
func moved(v, offset int64) (int64, *value.Error) {
	return value.AddInterval(v, value.IntervalValue{Micros: offset})
}

// zoneFunctions are AT TIME ZONE and date_trunc in a zone.
func zoneFunctions() []*function {
	ts, tz, t := value.Timestamp, value.TimestampTZ, value.Text
	var fs []*function
	for _, k := range []shape{ts, tz} {
		to := tz
		if k == tz {
			to = ts
		}
		shift := func(v int64, z timeZone) (value.Datum, *value.Error) {
			offset := -z.local(v)
			if k == tz {
				offset = z.at(v)
			}
			v, err := moved(v, offset)
			return value.NewInt(to, v), err
		}
		fs = append(fs,
			define("timezone", to, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				z, err := timeZoneOf(a[0].S)
				if err != nil {
					return value.NullDatum, err
				}
				return shift(a[1].I, z)
			}, t, k),
			define("timezone", to, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				v := a[0].V
				if v.Months != 0 || v.Days != 0 {
					return value.NullDatum, value.Errorf(value.StateBadParameter,
						"interval time zone %q must not include months or days", value.Format(a[0]))
				}
				return shift(a[1].I, timeZone{offset: v.Micros - v.Micros%value.MicrosPerSecond})
			}, value.Interval, k))
	}
	return append(fs, define("date_trunc", tz, truncInZone, t, tz, t))
}

// truncInZone is date_trunc of local time. What begins a day has the offset of its own time.
func truncInZone(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	z, err := timeZoneOf(a[2].S)
	if err != nil {
		return value.NullDatum, err
	}
	offset := z.at(a[1].I)
	v, err := value.TruncTimestamp(a[0].S, value.TimestampTZ, a[1].I+offset)
	if err == nil && value.TruncatesToDays(a[0].S) {
		offset = z.local(v)
	}
	return value.NewTimestampTZ(v - offset), err
}
