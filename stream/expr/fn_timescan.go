package expr

import "weir/stream/value"

// timeReaders are to_date and to_timestamp of a text in a format.
func timeReaders() []*function {
	t := value.Text
	return []*function{
		define("to_date", value.Date, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			s, err := scanTime(a[1].S, a[0].S)
			if err != nil {
				return value.NullDatum, err
			}
			days, _, err := s.moment()
			if err == nil && (days < value.MinDate || days > value.MaxDate) {
				err = value.ErrDateRange
			}
			return value.NewDate(days), err
		}, t, t),
		define("to_timestamp", value.TimestampTZ,
			func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				s, err := scanTime(a[1].S, a[0].S)
				if err != nil {
					return value.NullDatum, err
				}
				days, inDay, err := s.moment()
				if err != nil {
					return value.NullDatum, err
				}
				v, err := value.TimestampFromParts(days, inDay)
				return value.NewTimestampTZ(v), err
			}, t, t),
	}
}

var errTimeFields = &value.Error{
	SQLState: value.StateDatetimeOverflow, Msg: "date/time field value out of range",
}

// moment puts the fields together. Source: do_to_timestamp of PostgreSQL's formatting.c.
func (s *timeScan) moment() (days, inDay int64, err *value.Error) {
	if inDay, err = s.clock(); err != nil {
		return 0, 0, err
	}
	days, err = s.calendar()
	return days, inDay, err
}

func (s *timeScan) clock() (int64, *value.Error) {
	f := s.got
	hour, minute, sec := f["ssss"]/3600, f["ssss"]%3600/60, f["ssss"]%60
	if f["ss"] != 0 {
		sec = f["ss"]
	}
	if f["mi"] != 0 {
		minute = f["mi"]
	}
	if f["hh"] != 0 {
		hour = f["hh"]
	}
	if s.twelve {
		switch {
		case hour < 1 || hour > 12:
			return 0, badTime("hour \"%d\" is invalid for the 12-hour clock", hour)
		case f["pm"] != 0 && hour < 12:
			hour += 12
		case f["pm"] == 0 && hour == 12:
			hour = 0
		}
	}
	micros := f["ms"]*1000 + f["us"]
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || sec < 0 || sec > 59 || micros < 0 ||
		micros >= value.MicrosPerSecond {
		return 0, errTimeFields
	}
	v := hour*value.MicrosPerHour + minute*value.MicrosPerMinute + sec*value.MicrosPerSecond + micros
	if s.zoned {
		if f["tzh"] < 0 || f["tzh"] > 15 || f["tzm"] < 0 || f["tzm"] > 59 {
			return 0, errTimeFields
		}
		offset := f["tzh"]*value.MicrosPerHour + f["tzm"]*value.MicrosPerMinute
		if s.west {
			offset = -offset
		}
		v -= offset
	}
	return v, nil
}

// year is that of the calendar, 0 being 1 BC.
func (s *timeScan) year() int64 {
	f := s.got
	year, cc, bc := f["year"], f["cc"], f["bc"] != 0
	if bc {
		cc = -cc
	}
	switch {
	case year != 0 && cc != 0 && s.width <= 2:
		y := year % 100
		switch {
		case y != 0 && cc >= 0:
			return y + (cc-1)*100
		case y != 0:
			return (cc+1)*100 - y + 1
		case cc >= 0:
			return cc * 100
		}
		return cc*100 + 1
	case year != 0:
		if bc {
			year = -year
		}
		if year < 0 {
			year++
		}
		return year
	case cc > 0:
		return (cc-1)*100 + 1
	case cc < 0:
		return cc*100 + 1
	}
	return 0
}

// isoMonday is the Monday of the first week of a year by ISO 8601.
func isoMonday(year int64) int64 {
	first := value.DaysFromCivil(year, 1, 4)
	return first - ((first+3)%7+7)%7
}

func (s *timeScan) calendar() (int64, *value.Error) {
	f := s.got
	year, month, day := s.year(), int64(1), int64(1)
	if j := f["j"]; j != 0 {
		y, m, d := value.CivilFromDays(j - 2440588)
		year, month, day = y, int64(m), int64(d)
	}
	dayOfYear := f["ddd"]
	civil := func(days int64) {
		y, m, d := value.CivilFromDays(days)
		year, month, day = y, int64(m), int64(d)
	}
	if ww := f["ww"]; ww != 0 && s.iso {
		at := isoMonday(year) + (ww-1)*7
		if d := f["d"]; d > 1 {
			at += d - 2
		} else if d == 1 {
			at += 6
		}
		civil(at)
	} else if ww != 0 {
		dayOfYear = (ww-1)*7 + 1
	}
	if f["w"] != 0 {
		f["dd"] = (f["w"]-1)*7 + 1
	}
	if f["dd"] != 0 {
		day = f["dd"]
	}
	if f["mm"] != 0 {
		month = f["mm"]
	}
	if dayOfYear != 0 && (month <= 1 || day <= 1) {
		if year == 0 && f["bc"] == 0 {
			return 0, badTime("cannot calculate day of year without year information")
		}
		if s.iso {
			civil(isoMonday(year) - 1 + dayOfYear)
		} else {
			m, d := int64(1), dayOfYear
			for m < 13 && d > int64(value.DaysInMonth(year, int(min(m, 12)))) {
				d -= int64(value.DaysInMonth(year, int(min(m, 12))))
				m++
			}
			if month <= 1 {
				month = m
			}
			if day <= 1 {
				day = d
			}
		}
	}
	if month < 1 || month > 12 || day < 1 || day > int64(value.DaysInMonth(year, int(month))) {
		return 0, errTimeFields
	}
	return value.DaysFromCivil(year, int(month), int(day)), nil
}
