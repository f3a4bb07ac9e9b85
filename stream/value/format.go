package value

import "strconv"

// Format returns PostgreSQL's text output of d (ISO dates, UTC); NULL gives "".
func Format(d Datum) string { return string(AppendText(nil, d)) }

// AppendText appends what Format returns.
func AppendText(dst []byte, d Datum) []byte {
	switch d.Kind {
	case Null:
		return dst
	case Bool:
		return append(dst, "ft"[d.I])
	case Int2, Int4, Int8:
		return strconv.AppendInt(dst, d.I, 10)
	case Numeric:
		return d.D.AppendText(dst)
	case Float4:
		return appendFloat(dst, d.F, 32, 6)
	case Float8:
		return appendFloat(dst, d.F, 64, 15)
	case Text, JSONB:
		return append(dst, d.S...)
	case Array:
		return appendArrayText(dst, d)
	case Record:
		return appendRecordText(dst, d)
	case Bytea:
		return appendHex(append(dst, `\x`...), d.S)
	case UUID:
		dst = append(appendHex(dst, d.S[:4]), '-')
		dst = append(appendHex(dst, d.S[4:6]), '-')
		dst = append(appendHex(dst, d.S[6:8]), '-')
		dst = append(appendHex(dst, d.S[8:10]), '-')
		return appendHex(dst, d.S[10:])
	case Date:
		return appendDated(dst, d.I, nil)
	case Time:
		return appendClock(dst, d.I)
	case Timestamp, TimestampTZ:
		days, inDay := SplitTimestamp(d.I)
		tail := appendClock([]byte{' '}, inDay)
		if d.Kind == TimestampTZ {
			tail = append(tail, "+00"...)
		}
		return appendDated(dst, days, tail)
	}
	return d.V.AppendText(dst)
}

// appendDated writes the date, then tail, then BC where the year is not positive.
func appendDated(dst []byte, days int64, tail []byte) []byte {
	y, m, d := CivilFromDays(days)
	bc := y <= 0
	if bc {
		y = 1 - y
	}
	dst = appendPadded(dst, y, 4)
	dst = appendPadded(append(dst, '-'), int64(m), 2)
	dst = appendPadded(append(dst, '-'), int64(d), 2)
	dst = append(dst, tail...)
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

func appendPadded(dst []byte, v int64, width int) []byte {
	s := strconv.FormatInt(v, 10)
	for n := len(s); n < width; n++ {
		dst = append(dst, '0')
	}
	return append(dst, s...)
}

// appendClock writes hours, minutes, seconds and the fraction without trailing zeros.
func appendClock(dst []byte, micros int64) []byte {
	dst = appendPadded(dst, micros/MicrosPerHour, 2)
	dst = appendPadded(append(dst, ':'), micros/MicrosPerMinute%60, 2)
	dst = appendPadded(append(dst, ':'), micros/MicrosPerSecond%60, 2)
	return appendFraction(dst, micros%MicrosPerSecond)
}

func appendFraction(dst []byte, micros int64) []byte {
	if micros == 0 {
		return dst
	}
	dst = appendPadded(append(dst, '.'), micros, 6)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// AppendText appends the interval in PostgreSQL's 'postgres' style.
func (v IntervalValue) AppendText(dst []byte) []byte {
	start := len(dst)
	negative := false // the part before was negative, so a positive one shows its sign
	part := func(n int64, unit string) {
		if n == 0 {
			return
		}
		if len(dst) > start {
			dst = append(dst, ' ')
			if negative && n > 0 {
				dst = append(dst, '+')
			}
		}
		dst = append(append(strconv.AppendInt(dst, n, 10), ' '), unit...)
		if n != 1 {
			dst = append(dst, 's')
		}
		negative = n < 0
	}
	part(int64(v.Months/12), "year")
	part(int64(v.Months%12), "mon")
	part(int64(v.Days), "day")
	if v.Micros == 0 && len(dst) > start {
		return dst
	}
	if len(dst) > start {
		dst = append(dst, ' ')
	}
	m := uint64(v.Micros)
	if v.Micros < 0 {
		dst, m = append(dst, '-'), -m
	} else if negative {
		dst = append(dst, '+')
	}
	dst = appendPadded(dst, int64(m/MicrosPerHour), 2)
	dst = appendPadded(append(dst, ':'), int64(m/MicrosPerMinute%60), 2)
	dst = appendPadded(append(dst, ':'), int64(m/MicrosPerSecond%60), 2)
	return appendFraction(dst, int64(m%MicrosPerSecond))
}

func appendHex(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	for i := range len(s) {
		dst = append(dst, digits[s[i]>>4], digits[s[i]&15])
	}
	return dst
}
