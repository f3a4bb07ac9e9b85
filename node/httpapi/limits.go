package httpapi

import "time"

// Limits bounds what one caller can cost. The zero value of a field means its default.
type Limits struct {
	// TxBytes is the longest transaction; longer is 413 before it is read further.
	TxBytes int64
	// SQLBytes is the longest body of a query or request for evidence.
	SQLBytes int64
	// ResultRows is the longest answer to a query; longer is 54000.
	ResultRows int
	// SubmitWait is how long a submission waits for its block; then 504, outcome unknown.
	SubmitWait time.Duration
	// QueryWait is how long a query or the making of evidence may run; then 504 and 57014.
	QueryWait time.Duration
	// Submissions is how many submissions may wait at once; more are 503.
	Submissions int
	// Queries is how many queries and requests for evidence may run at once; more are 503.
	Queries int
	// EventStreams is how many callers may follow the blocks at once; more are 503.
	EventStreams int
	// EventWrite is how long one event may take to send; a slower reader is cut off and may
	// come back with Last-Event-ID.
	EventWrite time.Duration
	// HeaderWait and BodyWait bound how long a caller may take to send its request.
	HeaderWait, BodyWait time.Duration
	// HeaderBytes is the longest request header.
	HeaderBytes int
}

// DefaultLimits returns the defaults.
func DefaultLimits() Limits {
	return Limits{
		TxBytes:      512 << 10,
		SQLBytes:     72 << 10, // 64 KiB of SQL and its JSON dress
		ResultRows:   100_000,
		SubmitWait:   30 * time.Second,
		QueryWait:    30 * time.Second,
		Submissions:  1024,
		Queries:      64,
		EventStreams: 256,
		EventWrite:   10 * time.Second,
		HeaderWait:   5 * time.Second,
		BodyWait:     30 * time.Second,
		HeaderBytes:  16 << 10,
	}
}

// orDefaults fills the zero fields.
func (l Limits) orDefaults() Limits {
	d := DefaultLimits()
	fill(&l.TxBytes, d.TxBytes)
	fill(&l.SQLBytes, d.SQLBytes)
	fill(&l.ResultRows, d.ResultRows)
	fill(&l.SubmitWait, d.SubmitWait)
	fill(&l.QueryWait, d.QueryWait)
	fill(&l.Submissions, d.Submissions)
	fill(&l.Queries, d.Queries)
	fill(&l.EventStreams, d.EventStreams)
	fill(&l.EventWrite, d.EventWrite)
	fill(&l.HeaderWait, d.HeaderWait)
	fill(&l.BodyWait, d.BodyWait)
	fill(&l.HeaderBytes, d.HeaderBytes)
	return l
}

// fill sets *field to def if it is zero.
func fill[T comparable](field *T, def T) {
	var zero T
	if *field == zero {
		*field = def
	}
}
