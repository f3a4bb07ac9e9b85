package value_test

import (
	"testing"

	"weir/stream/value"
	"weir/stream/value/valuetest"

	"pgregory.net/rapid"
)

// FuzzParse: no text breaks an input function, and what is read reads back from its output form
// to an identical value.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "1", "-1.5e3", "NaN", "true", "2024-02-29 23:59:60.5+05:30", "Jan 8 99 BC", "1 day ago",
		"P1Y2M3DT4H5.5S", `{"a": [1, "\u00e9"]}`, `\x00ff`, `a\001`, "{a0eebc999c0b4ef8bb6d6bb9bd380a11}",
		"1-2 +3 -04:05:06.7", "20240229T040506.5Z", "1999.008", "-178000000 years", "t040506-08",
	} {
		for k := value.Bool; k < value.NumKinds; k++ {
			f.Add(uint8(k), uint8(0), uint8(0), s)
		}
	}
	f.Fuzz(func(t *testing.T, kind, precision, scale uint8, text string) {
		ty := value.Type{Kind: value.Kind(kind), Precision: precision, Scale: scale}
		if ty.Validate() != nil {
			return
		}
		d, err := value.Parse(text, ty)
		if err != nil {
			return
		}
		checkReadsBack(t, ty, d)
	})
}

func checkReadsBack(t interface{ Fatalf(string, ...any) }, ty value.Type, d value.Datum) {
	text := value.Format(d)
	back, err := value.Parse(text, ty)
	if err != nil {
		t.Fatalf("%s %q does not read back: %v", ty, text, err)
	}
	if !value.FromDatums(ty, back).Identical(0, value.FromDatums(ty, d), 0) {
		t.Fatalf("%s %q reads back as %q", ty, text, value.Format(back))
	}
}

// TestFormatReadsBack: every value but a float's sign of zero and NaN reads back from its text.
// Records have none to read.
func TestFormatReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ty := valuetest.Type(t, "type")
		if d := valuetest.Datum(t, ty, "value"); !d.IsNull() && ty.Kind != value.Record {
			checkReadsBack(t, ty, d)
		}
	})
}
