package bind

import "weir/stream/value"

// Options say how a statement is bound.
type Options struct {
	// ParamTypes are the declared types of $1, $2, ...; kind Null, or missing: to be inferred.
	ParamTypes []value.Type
	// Args are the values of the parameters, of the types that an earlier Bind of the same
	// statement gave as Info.Params. nil: bind for description only.
	Args []value.Datum
	// Role owns what the statement creates.
	Role string
}
