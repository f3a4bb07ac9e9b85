package bind

import (
	"weir/stream/catalog"
	"weir/stream/sql/parse"
)

// alterView binds ALTER MATERIALIZED VIEW v SUSPEND | RESUME [CASCADE] [FROM RETAINED].
func (b *binder) alterView(a *parse.Alter) (Statement, error) {
	r := b.cat.Lookup(a.View.Name)
	if r == nil {
		return nil, b.errorf(a.View.At, stateNoTable, "relation %q does not exist", a.View.Name)
	}
	if r.Kind != catalog.View {
		return nil, b.errorf(a.View.At, stateWrongObject, "%q is not a materialized view", r.Name)
	}
	return &AlterView{
		View: r.ID, Name: r.Name, Resume: a.Resume, Cascade: a.Cascade, Retained: a.Retained,
	}, nil
}
