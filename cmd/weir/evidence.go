package main

import (
	"strings"

	"weir/client/api"
	"weir/client/verify"
	"weir/stream/value"
)

// verifyEvidence checks an evidence file with the offline verifier and renders what it proves.
func verifyEvidence(evidence []byte, o verifyOptions) (*verdict, error) {
	root, err := verify.ParseTrust(o.header, o.genesis)
	if err != nil {
		return nil, err
	}
	opts := verify.Options{Now: o.now, MaxAge: o.maxAge, CheckSQL: checkSQL}
	if verify.IsConsistency(evidence) {
		rep, err := verify.VerifyConsistency(evidence, root, opts)
		if err != nil {
			return nil, err
		}
		return renderConsistency(rep), nil
	}
	rep, err := verify.Verify(evidence, root, opts)
	if err != nil {
		return nil, err
	}
	return render(rep), nil
}

// renderConsistency writes what a consistency file shows as text.
func renderConsistency(rep *verify.ConsistencyReport) *verdict {
	return &verdict{
		Answer:      api.Result{Height: rep.New.Height, Rows: [][]*string{}},
		Consistency: sentences(rep.Claim()),
		ReliedOn:    append(sentences(rep.Old.Trust()), sentences(rep.New.Trust())...),
	}
}

// render writes a report's values as text.
func render(rep *verify.Report) *verdict {
	v := &verdict{SQL: rep.SQL, Errors: rep.ErrorCount}
	for _, p := range rep.Partial {
		v.CompleteFrom = append(v.CompleteFrom, p.String())
	}
	for _, x := range rep.Indexes {
		v.Through = append(v.Through, x.Name+": "+x.SQL)
	}
	v.ReliedOn = sentences(rep.Trust())
	v.Answer = api.Result{Height: rep.Height, Rows: make([][]*string, len(rep.Answer.Rows))}
	for _, c := range rep.Answer.Columns {
		v.Answer.Columns = append(v.Answer.Columns, api.Column{Name: c.Name, Type: c.Type.String()})
	}
	for i, row := range rep.Answer.Rows {
		v.Answer.Rows[i] = make([]*string, len(row))
		for j, d := range row {
			if !d.IsNull() {
				text := value.Format(d)
				v.Answer.Rows[i][j] = &text
			}
		}
	}
	return v
}

// sentences are the lines of a text.
func sentences(text string) (out []string) {
	for s := range strings.Lines(text) {
		out = append(out, strings.TrimSpace(s))
	}
	return out
}
