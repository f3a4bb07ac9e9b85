package main

import (
	"bytes"
	"errors"
	"fmt"

	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/sql"
)

// checkSQL binds the text of an evidence file against the definitions that it proves, and
// returns an error unless that gives exactly the plan that was evaluated, and the text asks for no
// other height than the one that is proven.
func checkSQL(text string, height int64, defs []*catalog.Relation, want []byte) error {
	q, err := bindText(text, defs)
	if err != nil {
		return err
	}
	if q.AsOf != nil && *q.AsOf != uint64(height) {
		return fmt.Errorf("the text asks for height %d, the file is of height %d", *q.AsOf, height)
	}
	if !bytes.Equal(plan.Encode(q.Plan), want) {
		return errors.New("the text has another plan")
	}
	return nil
}

// bindText binds a query over definitions.
func bindText(text string, defs []*catalog.Relation) (*sql.Select, error) {
	next := uint32(catalog.FirstUserID)
	var known []*catalog.Relation
	for _, d := range defs {
		alone := *d // what it reads and belongs to is not in the file, and not needed
		alone.Inputs, alone.Of = nil, 0
		known = append(known, &alone)
		next = max(next, d.ID+1)
	}
	cat, err := catalog.Load(known, nil, nil, next)
	if err != nil {
		return nil, err
	}
	raws, err := sql.Parse(text)
	if err != nil {
		return nil, err
	}
	if len(raws) != 1 {
		return nil, errors.New("the text is not one statement")
	}
	stmt, err := sql.Bind(raws[0], cat, sql.Options{})
	if err != nil {
		return nil, err
	}
	q, ok := stmt.(*sql.Select)
	if !ok {
		return nil, errors.New("the text is not a query")
	}
	return q, nil
}
