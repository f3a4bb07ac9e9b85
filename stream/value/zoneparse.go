package value

import "weir/stream/zone"

// zoneName reads an abbreviation or the name of a time zone; fault is for what is neither. A time
// of day alone has no day to look an offset up for.
func (p *dateParser) zoneName(s string, fault dateFault) (int, dateFault) {
	if offset, ok := zone.Abbreviation(s); ok {
		p.zone = int64(offset)
		return hasZone, faultNone
	}
	z := zone.Find(s)
	switch {
	case z != nil && p.timeOnly:
		return 0, faultZoneName
	case z != nil:
		p.place = z
		return hasZone, faultNone
	case zoneNameFault(s) == faultZoneName:
		return 0, faultZoneUnknown
	}
	return 0, fault
}

// offset is the seconds that the zone of the literal is east of UTC on a day since 1970.
func (p *dateParser) offset(days int64) int64 {
	if p.place == nil {
		return p.zone
	}
	return int64(p.place.Local(days*24*3600 + p.clock()/MicrosPerSecond))
}
