package expr

import "weir/stream/value"

// NowFunc names the one function whose result depends on when it is asked.
const NowFunc Func = "now()"

// clockFunctions is now(): the block time.
func clockFunctions() []*function {
	return []*function{
		define("now", value.TimestampTZ, func(x *ctx, _ []value.Datum) (value.Datum, *value.Error) {
			return value.NewTimestampTZ(x.env.Now), nil
		}).safe(),
	}
}
