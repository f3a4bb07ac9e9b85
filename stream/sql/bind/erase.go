package bind

import (
	"weir/stream/catalog"
	"weir/stream/sql/parse"
)

// erase binds ERASE FROM s WHERE weir_offset BETWEEN a AND b [WITHIN 'interval'].
func (b *binder) erase(e *parse.Erase) (Statement, error) {
	r := b.cat.Lookup(e.Stream.Name)
	if r == nil {
		return nil, b.errorf(e.Stream.At, stateNoTable, "relation %q does not exist", e.Stream.Name)
	}
	if r.Kind != catalog.Stream {
		err := b.errorf(e.Stream.At, stateWrongObject, "%q is not a stream", r.Name)
		if r.Kind == catalog.Table {
			err.Hint = "DELETE takes rows out of a table."
		}
		return nil, err
	}
	if e.First > e.Last {
		return nil, b.errorf(0, stateBadParameter, "offset %d comes after offset %d", e.First, e.Last)
	}
	st := &Erase{Stream: r.ID, Name: r.Name, First: e.First, Last: e.Last}
	if e.Within == "" {
		return st, nil
	}
	var err error
	st.Within, err = b.spanText(e.WithinAt, "the time of an erasure", e.Within)
	return st, err
}
