package value_test

import (
	"testing"

	"weir/stream/value"
)

// form is a text and its canonical output, or the SQLSTATE that refuses it.
type form struct {
	t        value.Type
	in, want string
}

func plainForms() []form {
	num := value.Type{Kind: value.Numeric, Precision: 5, Scale: 2}
	return []form{
		{value.Of(value.Bool), " tRu ", "t"},
		{value.Of(value.Bool), "of", "f"},
		{value.Of(value.Bool), "o", "22P02"},
		{value.Of(value.Bool), "", "22P02"},
		{value.Of(value.Int2), " -32768 ", "-32768"},
		{value.Of(value.Int2), "32768", "22003"},
		{value.Of(value.Int4), "1_0", "22P02"},
		{value.Of(value.Int8), "+", "22P02"},
		{num, "123.455", "123.46"},
		{num, "999.995", "22003"},
		{num, "1e2", "100.00"},
		{value.Of(value.Float8), "-inf", "-Infinity"},
		{value.Of(value.Float8), "1e400", "22003"},
		{value.Of(value.Float8), "1e-400", "22003"},
		{value.Of(value.Float4), "0.1", "0.1"},
		{value.Of(value.Float8), "0e-999", "0"},
		{value.Of(value.Bytea), `\xDe aD`, `\xdead`},
		{value.Of(value.Bytea), `\xd`, "22023"},
		{value.Of(value.Bytea), `a\\b\001`, `\x615c6201`},
		{value.Of(value.Bytea), `\9`, "22P02"},
		{
			value.Of(value.UUID), "{A0EEBC99-9c0b4ef8-bb6d6bb9-bd380a11}",
			"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
		},
		{value.Of(value.UUID), "a0eebc999c0b4ef8bb6d6bb9bd380a1", "22P02"},
		{value.Of(value.JSONB), ` {"a" :1} `, `{"a": 1}`},
	}
}

func timeForms() []form {
	return []form{
		{value.Of(value.Date), "2024-02-29", "2024-02-29"},
		{value.Of(value.Date), "2023-02-29", "22008"},
		{value.Of(value.Date), "x", "22007"},
		{value.Of(value.Date), "January 8, 1999", "1999-01-08"},
		{value.Of(value.Date), "1/8/99", "1999-01-08"},
		{value.Of(value.Date), "19990108", "1999-01-08"},
		{value.Of(value.Date), "1999.008", "1999-01-08"},
		{value.Of(value.Date), "08-Jan-1999", "1999-01-08"},
		{value.Of(value.Date), "0044-03-15 BC", "0044-03-15 BC"},
		{value.Of(value.Date), "today", "0A000"},
		{value.Of(value.Date), "infinity", "0A000"},
		{value.Of(value.Time), "04:05:06.789", "04:05:06.789"},
		{value.Of(value.Time), "0405", "04:05:00"},
		{value.Of(value.Time), "04:05 PM", "16:05:00"},
		{value.Of(value.Time), "24:00:00", "24:00:00"},
		{value.Of(value.Time), "24:00:01", "22008"},
		{value.Of(value.Time), "040506", "04:05:06"},
		{value.Of(value.Time), "2003-04-12 04:05:06", "04:05:06"},
		{value.Of(value.Timestamp), "2024-01-02T03:04:05.1234565Z", "2024-01-02 03:04:05.123456"},
		{value.Of(value.Timestamp), "2024-01-02 24:00", "2024-01-03 00:00:00"},
		{value.Of(value.Timestamp), "20240102T030405", "2024-01-02 03:04:05"},
		{value.Of(value.Timestamp), "2024-01-02", "2024-01-02 00:00:00"},
		{value.Of(value.Timestamp), "epoch", "1970-01-01 00:00:00"},
		{value.Of(value.Timestamp), "300000-01-01", "22008"},
		{value.Of(value.TimestampTZ), "2024-01-02 03:04:05+05:30", "2024-01-01 21:34:05+00"},
		{value.Of(value.TimestampTZ), "2024-01-02 03:04:05-0800", "2024-01-02 11:04:05+00"},
		{value.Of(value.TimestampTZ), "2024-01-02 03:04:05 UTC", "2024-01-02 03:04:05+00"},
		{value.Of(value.TimestampTZ), "Mon Jan 1 17:32:01 1997 GMT", "1997-01-01 17:32:01+00"},
		{value.Of(value.TimestampTZ), "2024-01-02 03:04+16", "22009"},
		{value.Of(value.TimestampTZ), "2024-01-02 03:04 Europe/Berlin", "2024-01-02 02:04:00+00"},
		{value.Of(value.TimestampTZ), "2024-07-02 03:04 america/New_York", "2024-07-02 07:04:00+00"},
		{value.Of(value.TimestampTZ), "2024-03-31 02:30 Europe/Berlin", "2024-03-31 01:30:00+00"},
		{value.Of(value.TimestampTZ), "2024-10-27 02:30 Europe/Berlin", "2024-10-27 01:30:00+00"},
		{value.Of(value.TimestampTZ), "2024-07-02 03:04 CEST", "2024-07-02 01:04:00+00"},
		{value.Of(value.TimestampTZ), "2024-07-02 03:04 Japan", "2024-07-01 18:04:00+00"},
		{value.Of(value.TimestampTZ), "2024-07-02 03:04 Europe/Nowhere", "22023"},
		{value.Of(value.Timestamp), "2024-07-02 03:04 Europe/Berlin", "2024-07-02 03:04:00"},
		{value.Of(value.Time), "03:04 Europe/Berlin", "0A000"},
		{value.Of(value.Interval), "1 day 02:03:04", "1 day 02:03:04"},
		{value.Of(value.Interval), "1.5 months", "1 mon 15 days"},
		{value.Of(value.Interval), "1-2", "1 year 2 mons"},
		{value.Of(value.Interval), "5 minutes ago", "-00:05:00"},
		{value.Of(value.Interval), "P1Y2M3DT4H5M6.5S", "1 year 2 mons 3 days 04:05:06.5"},
		{value.Of(value.Interval), "1 week 1.5 days", "8 days 12:00:00"},
		{value.Of(value.Interval), "90", "00:01:30"},
		{value.Of(value.Interval), "1 day 1 day", "22007"},
		{value.Of(value.Interval), "", "22007"},
		{value.Of(value.Interval), "3000000000 days", "22015"},
		{value.Of(value.Interval), "-1 day +02:00", "-1 days +02:00:00"},
	}
}

// TestParseForms: forms of the input functions and their canonical output, or the SQLSTATE.
func TestParseForms(t *testing.T) {
	for _, c := range append(plainForms(), timeForms()...) {
		d, err := value.Parse(c.in, c.t)
		got := value.Format(d)
		if err != nil {
			got = err.SQLState
		}
		if got != c.want {
			t.Errorf("%s %q: %s, want %s (%v)", c.t, c.in, got, c.want, err)
		}
	}
}
