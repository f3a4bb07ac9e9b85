package value

import (
	"math"
	"strconv"
	"strings"
)

// atoi reads digits only.
func atoi(s string) int64 {
	v, _ := strconv.ParseInt(s, 10, 64)
	return v
}

// parseFraction reads "." and digits as a number below 1.
func parseFraction(s string) (float64, bool) {
	if s == "" || s[0] != '.' || span(s[1:], isDigit) != len(s)-1 {
		return 0, false
	}
	if len(s) == 1 {
		return 0, true
	}
	f, err := strconv.ParseFloat("0"+s, 64)
	return f, err == nil
}

func roundMicros(frac float64) int64 { return int64(math.RoundToEven(float64(frac * 1e6))) }

// clockField reads h:m, h:m:s and m:s.fraction.
func (p *dateParser) clockField(s string) dateFault {
	c, fault := splitClock(s)
	if fault == faultNone {
		p.hour, p.min, p.sec, p.micros = c.hour, c.min, c.sec, c.micros
	}
	return fault
}

type clockParts struct{ hour, min, sec, micros int64 }

// splitClock is DecodeTimeCommon of datetime.c; "m:s.fraction" has no hour.
func splitClock(s string) (c clockParts, fault dateFault) {
	digits := func() int64 {
		n := span(s, isDigit)
		v, err := strconv.ParseInt(s[:n], 10, 64)
		if n == 0 {
			v = 0
		} else if err != nil {
			fault = faultRange
		}
		s = s[n:]
		return v
	}
	fraction := func() {
		f, ok := parseFraction(s)
		if !ok {
			fault = max(fault, faultFormat)
		}
		c.micros, s = roundMicros(f), ""
	}
	c.hour = digits()
	if s == "" || s[0] != ':' {
		return c, faultFormat
	}
	s = s[1:]
	c.min = digits()
	switch {
	case s == "":
	case s[0] == '.':
		c.hour, c.min, c.sec = 0, c.hour, c.min
		fraction()
	case s[0] == ':':
		s = s[1:]
		c.sec = digits()
		if s != "" && s[0] == '.' {
			fraction()
		}
	}
	switch {
	case fault != faultNone:
		return c, fault
	case s != "":
		return c, faultFormat
	case c.min > 59 || c.sec > 60:
		return c, faultRange
	}
	return c, faultNone
}

// maxZoneHour is PostgreSQL's MAX_TZDISP_HOUR.
const maxZoneHour = 15

// zoneField reads +hh, +hhmm, +hh:mm and +hh:mm:ss.
func (p *dateParser) zoneField(s string) dateFault {
	sign := int64(1)
	if s[0] == '-' {
		sign = -1
	}
	parts := strings.Split(s[1:], ":")
	if len(parts) > 3 {
		return faultFormat
	}
	var v [3]int64
	for i, w := range parts {
		if span(w, isDigit) != len(w) || i == 0 && w == "" {
			return faultFormat
		}
		if len(w) > 9 {
			return faultZoneRange
		}
		v[i] = atoi(w)
	}
	if len(parts) == 1 && len(s) > 3 {
		v[0], v[1] = v[0]/100, v[0]%100
	}
	if v[0] > maxZoneHour || v[1] > 59 || v[2] > 59 {
		return faultZoneRange
	}
	p.zone = sign * (v[0]*3600 + v[1]*60 + v[2])
	return faultNone
}
