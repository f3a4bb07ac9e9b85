package pgwire

import (
	"fmt"

	"weir/stream/value"
)

// The format codes of parameters and results.
const (
	formatText   int16 = 0
	formatBinary int16 = 1
)

// ParseText reads the text form of a value, as PostgreSQL's input function of its type.
type ParseText func(t value.Type, text string) (value.Datum, error)

func parseValue(t value.Type, text string) (value.Datum, error) {
	d, err := value.Parse(text, t)
	if err != nil {
		return value.Datum{}, err
	}
	return d, nil
}

// formats spreads format codes over n values: none means text for all, one is meant for all.
func formats(codes []int16, n int, what string) ([]int16, error) {
	for _, c := range codes {
		if c != formatText && c != formatBinary {
			return nil, errorf(stateBadParameter, "unsupported format code: %d", c)
		}
	}
	out := make([]int16, n)
	switch len(codes) {
	case 0:
	case 1:
		for i := range out {
			out[i] = codes[0]
		}
	case n:
		copy(out, codes)
	default:
		return nil, errorf(stateProtocol, "bind message has %d %s formats but there are %d %ss",
			len(codes), what, n, what)
	}
	return out, nil
}

// parseParams reads the parameters of a Bind; nil is NULL. What it returns shares nothing with
// raw.
func parseParams(
	types []value.Type, codes []int16, raw [][]byte, parse ParseText,
) ([]value.Datum, error) {
	fs, err := formats(codes, len(types), "parameter")
	if err != nil {
		return nil, err
	}
	args := make([]value.Datum, len(types))
	for i, b := range raw {
		if b == nil {
			continue
		}
		if fs[i] == formatBinary {
			args[i], err = parseTyped(types[i], b, fmt.Sprintf("bind parameter %d", i+1))
		} else {
			args[i], err = parseParamText(types[i], string(b), parse)
		}
		if err != nil {
			return nil, err
		}
	}
	return args, nil
}

func parseParamText(t value.Type, s string, parse ParseText) (value.Datum, error) {
	if err := value.CheckText(s); err != nil {
		return value.Datum{}, err
	}
	if t.Kind == value.Text || t.Kind == value.Null {
		return value.NewText(s), nil
	}
	return parse(t, s)
}
