package agg

import (
	"strings"
	"testing"

	"weir/stream/value"
)

// resolutions have a call on each line, then its type or its refusal.
const resolutions = `
count() -> bigint
count(unknown) -> bigint
count(jsonb) -> bigint
sum(int2) -> bigint
sum(int4) -> bigint
sum(int8) -> numeric
sum(numeric) -> numeric
sum(float4) -> real
sum(float8) -> double precision
sum(interval) -> interval
sum(text) 42883
sum(unknown) 42725
sum(date) 42883
avg(int2) -> numeric
avg(float4) -> double precision
avg(interval) -> interval
min(text) -> text
max(timestamptz) -> timestamp with time zone
min(bool) 42883
max(uuid) 42883
every(bool) -> boolean
bool_or(int4) 42883
bit_and(int2) -> smallint
bit_xor(int8) -> bigint
bit_or(numeric) 42883
stddev(int4) -> numeric
variance(float4) -> double precision
stddev_pop(numeric) -> numeric
var_samp(interval) 42883
string_agg(text,text) -> text
string_agg(text,unknown) -> text
string_agg(unknown,unknown) -> text
string_agg(bytea,unknown) -> bytea
string_agg(int4,text) 42883
jsonb_agg(date) -> jsonb
jsonb_object_agg(text,int4) -> jsonb
jsonb_object_agg(jsonb,int4) 22023
covar_pop(int4,numeric) -> double precision
corr(float8,float8) -> double precision
corr(text,float8) 42883
first_value(uuid) -> uuid
percentile_cont(numeric,int4) within -> double precision
percentile_cont(float8,interval) within -> interval
percentile_cont(float8,date) within 42883
percentile_disc(unknown,text) within -> text
percentile_disc(text) 42809
mode(date) within -> date
mode(date) 42809
sum(int4) within 42809
no_such(int4) 42883
`

// TestResolve: result and argument types are PostgreSQL's; what it has not got is refused.
func TestResolve(t *testing.T) {
	for _, c := range strings.Split(strings.TrimSpace(resolutions), "\n") {
		head, want, _ := strings.Cut(c, ") ")
		name, list, _ := strings.Cut(head, "(")
		want, within := strings.CutPrefix(want, "within ")
		var args []value.Type
		for _, a := range strings.Split(list, ",") {
			if k, ok := value.KindByName(a); ok {
				args = append(args, value.Of(k))
			}
		}
		got := ""
		if r, err := Resolve(name, args, within); err != nil {
			got = err.SQLState
		} else {
			got = "-> " + r.Type.String()
		}
		if got != want {
			t.Errorf("%s: %s", c, got)
		}
	}
	r, err := Resolve("percentile_cont", []value.Type{value.Of(value.Numeric), value.Of(value.Int4)},
		true)
	if err != nil || r.Arg != 1 || r.Extra != 0 || r.Args[0].Kind != value.Float8 ||
		r.Args[1].Kind != value.Float8 {
		t.Errorf("%+v %v", r, err)
	}
	r, err = Resolve("array_agg", []value.Type{{Kind: value.Numeric, Precision: 9, Scale: 2}}, false)
	if want := (value.Type{
		Kind: value.Array, Elem: value.Numeric, Precision: 9, Scale: 2,
	}); err != nil || r.Type != want {
		t.Errorf("%+v %v", r, err)
	}
}
