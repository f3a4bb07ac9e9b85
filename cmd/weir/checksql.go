package main

import (
	"bytes"
	"errors"

	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/sql"
)

// checkSQL binds the text of an evidence file against the definitions that it proves, and
// returns an error unless that gives exactly the plan that was evaluated.
func checkSQL(text string, defs []*catalog.Relation, want []byte) error {
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
		return err
	}
	raws, err := sql.Parse(text)
	if err != nil {
		return err
	}
	if len(raws) != 1 {
		return errors.New("the text is not one statement")
	}
	stmt, err := sql.Bind(raws[0], cat, sql.Options{})
	if err != nil {
		return err
	}
	q, ok := stmt.(*sql.Select)
	if !ok {
		return errors.New("the text is not a query")
	}
	if !bytes.Equal(plan.Encode(q.Plan), want) {
		return errors.New("the text has another plan")
	}
	return nil
}
