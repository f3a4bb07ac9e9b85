package expr

import (
	"strings"

	"weir/stream/value"
)

// encodings are encode and decode: hex, base64 and escape. Source: encode.c of PostgreSQL.
func encodings() []*function {
	b, t := value.Bytea, value.Text
	return []*function{
		define("encode", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			switch mapASCII(a[1].S, 'A', 'Z') {
			case "hex":
				return textResult(hexText([]byte(a[0].S)))
			case "base64":
				return textResult(encodeBase64(a[0].S))
			case "escape":
				return textResult(encodeEscape(a[0].S))
			}
			return value.NullDatum, errEncoding(a[1].S)
		}, b, t),
		define("decode", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			switch mapASCII(a[1].S, 'A', 'Z') {
			case "hex":
				return value.Parse(`\x`+a[0].S, value.Of(value.Bytea))
			case "base64":
				return decodeBase64(a[0].S)
			case "escape":
				return decodeEscape(a[0].S)
			}
			return value.NullDatum, errEncoding(a[1].S)
		}, t, t),
		define("convert_from", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if !isUTF8(a[1].S) {
				return value.NullDatum, errNoConversion(a[1].S)
			}
			if err := value.CheckText(a[0].S); err != nil {
				return value.NullDatum, err
			}
			return value.NewText(a[0].S), nil
		}, b, t),
		define("convert_to", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if !isUTF8(a[1].S) {
				return value.NullDatum, errNoConversion(a[1].S)
			}
			return value.NewBytea([]byte(a[0].S)), nil
		}, t, t),
	}
}

func isUTF8(name string) bool {
	name = strings.NewReplacer("-", "", "_", "", " ", "").Replace(mapASCII(name, 'A', 'Z'))
	return name == "utf8" || name == "unicode"
}

func errNoConversion(name string) *value.Error {
	return value.Errorf(value.StateUnsupported, "encoding %q is not supported: there is UTF8", name)
}

func errEncoding(name string) *value.Error {
	return value.Errorf(value.StateBadParameter, "unrecognized encoding: %q", name)
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// encodeBase64 breaks lines behind 76 digits.
func encodeBase64(s string) string {
	var b strings.Builder
	line := 0
	for ; len(s) >= 3; s = s[3:] {
		v := uint(s[0])<<16 | uint(s[1])<<8 | uint(s[2])
		for shift := 18; shift >= 0; shift -= 6 {
			b.WriteByte(base64Digits[v>>shift&63])
		}
		if line += 4; line >= 76 {
			b.WriteByte('\n')
			line = 0
		}
	}
	switch len(s) {
	case 1:
		v := uint(s[0]) << 16
		b.WriteString(string([]byte{base64Digits[v>>18], base64Digits[v>>12&63], '=', '='}))
	case 2:
		v := uint(s[0])<<16 | uint(s[1])<<8
		b.WriteString(string([]byte{
			base64Digits[v>>18], base64Digits[v>>12&63], base64Digits[v>>6&63], '=',
		}))
	}
	return b.String()
}

func decodeBase64(s string) (value.Datum, *value.Error) {
	var out []byte
	var v uint
	pos, end := 0, 0
	for i := range len(s) {
		c := s[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			continue
		}
		d := 0
		if c == '=' {
			if end == 0 {
				if pos != 2 && pos != 3 {
					return value.NullDatum, value.Errorf(value.StateBadParameter,
						"unexpected \"=\" while decoding base64 sequence")
				}
				end = pos - 1
			}
		} else if d = strings.IndexByte(base64Digits, c); d < 0 {
			return value.NullDatum, value.Errorf(value.StateBadParameter,
				"invalid symbol %q found while decoding base64 sequence", c)
		}
		v = v<<6 | uint(d)
		if pos++; pos < 4 {
			continue
		}
		out = append(out, byte(v>>16))
		if end == 0 || end > 1 {
			out = append(out, byte(v>>8))
		}
		if end == 0 || end > 2 {
			out = append(out, byte(v))
		}
		v, pos = 0, 0
	}
	if pos != 0 {
		return value.NullDatum, value.Errorf(value.StateBadParameter, "invalid base64 end sequence")
	}
	return value.NewBytea(out), nil
}

func encodeEscape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0 || c >= 0x80:
			b.WriteString(string([]byte{'\\', '0' + c>>6, '0' + c>>3&7, '0' + c&7}))
		case c == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// decodeEscape reads \\ and \ooo.
func decodeEscape(s string) (value.Datum, *value.Error) {
	if strings.HasPrefix(s, `\x`) {
		return value.NullDatum, value.Errorf(value.StateBadText, "invalid input syntax for type bytea")
	}
	return value.Parse(s, value.Of(value.Bytea))
}
