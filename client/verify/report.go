package verify

import (
	"fmt"
	"strings"
	"time"

	"weir/client/verify/comet"
	"weir/client/verify/refusal"
	"weir/stream/catalog"
)

// MaxDrift is how far a header's time may lie ahead of the caller's clock.
const MaxDrift = time.Minute

// Options say how strictly to judge.
type Options struct {
	// Now is the caller's clock; with MaxAge > 0 a header older than that is refused. Zero
	// Now: age is not judged.
	Now    time.Time
	MaxAge time.Duration
	// CheckSQL binds the SQL text against the proven definitions and returns an error unless
	// the result is the plan, and the height is the one that the text asks for, if it asks for
	// one. nil: the text is the file's claim, and the report says so.
	CheckSQL func(sql string, height int64, defs []*catalog.Relation, plan []byte) error
}

// ParseTrust makes a trust root of a genesis document's bytes, or of text "HEIGHT:HASH".
func ParseTrust(text string, genesis []byte) (comet.Root, error) {
	if genesis == nil {
		return comet.ParseRoot(text)
	}
	g, err := comet.ParseGenesis(genesis)
	return comet.Root{Genesis: g}, err
}

// Report is what an accepted file shows.
type Report struct {
	SQL        string
	SQLChecked bool // SQL was bound and gave the plan that was evaluated
	Answer     Answer
	ErrorCount uint64 // rows that the relations read have moved to their error relations
	// Partial are the views read that were made from inputs that had forgotten rows; a view that
	// is not here was made from all that its inputs ever had.
	Partial    []Partial
	ChainID    string
	Root       string // the trust root
	Height     int64  // of the state
	HeaderHash comet.Hash
	HeaderTime time.Time
	Relations  []*catalog.Relation
	Indexes    []*catalog.Index // that rows were read through
	Relied     []comet.Relied
	// Witnesses are keys with valid cosignatures; only a reader who knows a key learns from it.
	Witnesses []comet.Hash
}

// Partial says from where on the inputs of a view were complete when it was made.
type Partial struct {
	ID     uint32
	Name   string
	Inputs []uint32
	From   []uint64 // per input: see catalog.Status.CompleteFrom
}

// String is a sentence about it.
func (p Partial) String() string {
	var parts []string
	for i, from := range p.From {
		if from > 0 && i < len(p.Inputs) {
			parts = append(parts, fmt.Sprintf("of relation %d from offset %d on", p.Inputs[i], from))
		}
	}
	return fmt.Sprintf("%s was made from the rows %s", p.Name, strings.Join(parts, ", "))
}

// Trust states in sentences what the verdict rests on.
func (r *Report) Trust() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Chain %s, state at height %d, header of %s.\n", r.ChainID, r.Height,
		r.HeaderTime.Format(time.RFC3339Nano))
	fmt.Fprintf(&b, "Trust root: %s.\n", r.Root)
	for _, s := range r.Relied {
		fmt.Fprintf(&b, "From height %d: %d validators with power %d, set %s.\n",
			s.From, s.Validators, s.Power, s.Hash)
	}
	b.WriteString("This holds if of each of these sets less than 1/3 of the power was dishonest " +
		"while in charge, and the keys of more than 2/3 have not come into one hand since.\n")
	if !r.SQLChecked {
		b.WriteString("The SQL text was not bound again: what is proven is the file's plan.\n")
	}
	return b.String()
}

// headerTime converts a header's time.
func headerTime(t comet.Time) time.Time { return time.Unix(t.Seconds, int64(t.Nanos)).UTC() }

// checkAge judges a header's time by the caller's clock.
func (o *Options) checkAge(at time.Time) error {
	switch {
	case o.Now.IsZero():
		return nil
	case at.After(o.Now.Add(MaxDrift)):
		return refusal.New(refusal.Stale, "the header's time %s lies in the future",
			at.Format(time.RFC3339))
	case o.MaxAge > 0 && at.Before(o.Now.Add(-o.MaxAge)):
		return refusal.New(refusal.Stale, "the header of %s is older than %s",
			at.Format(time.RFC3339), o.MaxAge)
	}
	return nil
}
