package oracle

import (
	"fmt"
	"math"
	"strings"

	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// maxResult bounds results that grow with their group.
const maxResult = 65536

func tooLarge() *value.Error { return value.Errorf(value.StateTooLarge, "result is too large") }

// repeated visits every row as often as it is there, until visit says no.
func repeated(list []given, visit func(g given) bool) {
	for _, g := range list {
		for range g.weight {
			if !visit(g) {
				return
			}
		}
	}
}

func foldStrings(c plan.AggCall, list []given) (value.Datum, *value.Error) {
	var out strings.Builder
	first := true
	repeated(list, func(g given) bool {
		if !first {
			out.WriteString(g.extra.S)
		}
		first = false
		out.WriteString(g.arg.S)
		return out.Len() <= maxResult
	})
	if out.Len() > maxResult {
		return value.Datum{}, tooLarge()
	}
	return value.NewBytes(c.Type.Kind, []byte(out.String())), nil
}

func foldArray(elem value.Type, list []given) (value.Datum, *value.Error) {
	var out []value.Datum
	size := 0
	repeated(list, func(g given) bool {
		out = append(out, g.arg)
		size += len(row.AppendRowDatums(nil, []value.Datum{g.arg}))
		return size <= maxResult && len(out) <= value.MaxArrayLen
	})
	if size > maxResult || len(out) > value.MaxArrayLen {
		return value.Datum{}, tooLarge()
	}
	return value.NewArray(elem, out), nil
}

func foldJSON(c plan.AggCall, list []given) (value.Datum, *value.Error) {
	var members []string
	size := 0
	noKey := false
	repeated(list, func(g given) bool {
		one := jsonOf(g.arg)
		if c.Func == plan.JSONBObjectAgg {
			noKey = noKey || g.arg.IsNull()
			if !strings.HasPrefix(one, `"`) {
				one = `"` + one + `"`
			}
			one += ":" + jsonOf(g.extra)
		}
		members = append(members, one)
		size += len(one)
		return size <= 100*maxResult
	})
	if noKey {
		return value.Datum{}, value.Errorf(value.StateBadParameter, "NULL as a key")
	}
	text := "[" + strings.Join(members, ",") + "]"
	if c.Func == plan.JSONBObjectAgg {
		text = "{" + strings.Join(members, ",") + "}"
	}
	s, err := value.ParseJSON(text)
	if err != nil {
		return value.Datum{}, err
	}
	if len(s) > maxResult {
		return value.Datum{}, tooLarge()
	}
	return value.NewBytes(value.JSONB, []byte(s)), nil
}

// jsonOf is a value as JSON.
func jsonOf(d value.Datum) string {
	text := "null"
	if !d.IsNull() {
		text = value.Format(d)
	}
	switch {
	case d.IsNull() || d.Kind == value.JSONB || d.Kind.IsInteger() || d.Kind == value.Numeric:
		return text
	case d.Kind == value.Bool:
		return fmt.Sprint(d.Bool())
	case d.Kind.Class() == value.ClassFloat && !math.IsNaN(d.F) && !math.IsInf(d.F, 0):
		return text
	case d.Kind == value.Timestamp || d.Kind == value.TimestampTZ:
		date, clock, _ := strings.Cut(text, " ")
		text = date + "T" + strings.Replace(clock, "+00", "+00:00", 1)
	}
	return jsonString(text)
}

// jsonString escapes more than it has to.
func jsonString(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}
