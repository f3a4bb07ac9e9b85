package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// MaxPatternDepth and MaxSymbols bound a pattern; else 54001.
const (
	MaxPatternDepth = 32
	MaxSymbols      = 32
)

// PatternKind is a form of a row pattern.
type PatternKind uint8

// The forms; the numbers are frozen.
const (
	PatternSymbol PatternKind = 1
	PatternConcat PatternKind = 2
	PatternAlt    PatternKind = 3 // the first alternative that leads to a match
	PatternRepeat PatternKind = 4 // of the one part
)

// Pattern is a row pattern: a regular expression over symbols.
type Pattern struct {
	Kind      PatternKind
	Symbol    int // of PatternSymbol
	Parts     []*Pattern
	Min, Max  int  // of PatternRepeat; Max -1: no bound
	Reluctant bool // as few repetitions as possible; else as many
}

// NavKind says which row of a match a navigation reads.
type NavKind uint8

// The kinds; the numbers are frozen.
const (
	NavLast       NavKind = 1 // the last row of the symbol so far
	NavFirst      NavKind = 2
	NavAggregate  NavKind = 3 // over all rows of the symbol so far
	NavNumber     NavKind = 4 // MATCH_NUMBER(), from 1 in each partition
	NavClassifier NavKind = 5 // CLASSIFIER(): the symbol of the last row
)

// Nav is a value that DEFINE and MEASURES read from the rows of a match. In DEFINE the rows so
// far include the one that is judged, under its symbol.
type Nav struct {
	Kind   NavKind
	Symbol int // -1: rows of every symbol
	Col    int // column of the input
	Offset int // rows back from the last, or on from the first, of the symbol
	Shift  int // rows on (NEXT) or back (PREV) from there in the partition
	Call   AggCall
	Type   value.Type
	Final  bool // over the whole match, also for a row before its end; only with AllRows
}

// Subset is a name for the rows of several symbols.
type Subset struct {
	Name    string
	Symbols []int
}

// SkipMode says where the search goes on after a match.
type SkipMode uint8

// The modes; the numbers are frozen.
const (
	SkipPastLast SkipMode = 0
	SkipToNext   SkipMode = 1
	SkipToFirst  SkipMode = 2 // of SkipTo
	SkipToLast   SkipMode = 3
	lastSkipMode          = SkipToLast
)

// Match is MATCH_RECOGNIZE: in each partition, ordered by TimeCol (ties:
// the whole visible row; rows without a time take no part), it finds matches of the pattern one
// after the other, each starting at the first row where one starts and taking the alternatives
// that the pattern prefers. Output: the partition's columns, then the measures, one row a match,
// measured at its last row; with AllRows the partition's columns, the time, the measures and the
// other visible columns, a row for each row of a match, measured at that row.
//
// Within W, the rows of a match lie at most W apart in time; then, with a watermark M, a search
// that started before M - W is final, and its rows are freed.
type Match struct {
	Input        Node
	PartitionBy  []int
	TimeCol      int
	Symbols      []string
	Pattern      *Pattern
	Navs         []Nav       // the columns that Defines and Measures are over
	Defines      []expr.Expr // per symbol; nil: true
	Measures     []expr.Expr
	Names        []string // of all outputs
	WithinMicros int64    // 0: no bound
	Skip         SkipMode
	SkipTo       int // symbol
	AllRows      bool
	Subsets      []Subset // as symbols they are numbered behind Symbols
}

// Lead are the input columns before the measures.
func (n *Match) Lead() []int {
	if !n.AllRows || slices.Contains(n.PartitionBy, n.TimeCol) {
		return n.PartitionBy
	}
	return append(slices.Clone(n.PartitionBy), n.TimeCol)
}

// Rest are the input columns behind the measures.
func (n *Match) Rest() (out []int) {
	if !n.AllRows {
		return nil
	}
	lead := n.Lead()
	for _, c := range Visible(n.Input.Schema()) {
		if !slices.Contains(lead, c) {
			out = append(out, c)
		}
	}
	return out
}

// Schema implements Node.
func (n *Match) Schema() []Field {
	in := n.Input.Schema()
	out := make([]Field, 0, len(n.Names))
	for _, c := range n.Lead() {
		out = append(out, Field{Name: n.Names[len(out)], Type: in[c].Type})
	}
	for _, e := range n.Measures {
		out = append(out, Field{Name: n.Names[len(out)], Type: e.Type()})
	}
	for _, c := range n.Rest() {
		out = append(out, Field{Name: n.Names[len(out)], Type: in[c].Type})
	}
	return out
}

// Children implements Node.
func (n *Match) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *Match) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node. They are over the navigations, not over the input's columns.
func (n *Match) Scalars() []expr.Expr {
	var out []expr.Expr
	for _, e := range n.Defines {
		if e != nil {
			out = append(out, e)
		}
	}
	return append(out, n.Measures...)
}

// WithScalars implements Node.
func (n *Match) WithScalars(es []expr.Expr) Node {
	c := *n
	c.Defines = slices.Clone(n.Defines)
	for i, e := range c.Defines {
		if e != nil {
			c.Defines[i], es = es[0], es[1:]
		}
	}
	c.Measures = es
	return &c
}

// props: a later row can make any match of its partition another.
func (n *Match) props([]Props) Props { return Props{Frozen: make([]bool, len(n.Names))} }

func (n *Match) check() error {
	in := n.Input.Schema()
	if err := allInRange(n.PartitionBy, len(in)); err != nil {
		return err
	}
	if err := timeColumn(in, n.TimeCol); err != nil {
		return err
	}
	if len(n.Symbols) == 0 || len(n.Symbols) > MaxSymbols || len(n.Defines) != len(n.Symbols) ||
		len(n.Names) != len(n.Lead())+len(n.Measures)+len(n.Rest()) || len(n.Names) == 0 {
		return errors.New("symbols, definitions, measures and names differ in number")
	}
	symbols := len(n.Symbols) + len(n.Subsets)
	for _, s := range n.Subsets {
		if err := allInRange(s.Symbols, len(n.Symbols)); err != nil || len(s.Symbols) == 0 {
			return errors.New("subset of unknown symbols")
		}
	}
	if symbols > MaxSymbols {
		return errors.New("too many symbols and subsets")
	}
	if n.Skip > lastSkipMode || n.WithinMicros < 0 ||
		n.Skip >= SkipToFirst && inRange(n.SkipTo, symbols) != nil {
		return errors.New("unknown skip mode, or negative time")
	}
	if err := n.Pattern.check(len(n.Symbols), MaxPatternDepth); err != nil {
		return err
	}
	if n.Pattern.Empty() {
		return errors.New("pattern matches no rows at all")
	}
	types := make([]value.Type, len(n.Navs))
	for i, v := range n.Navs {
		if err := v.check(in, symbols); err != nil {
			return err
		}
		if v.Final && !n.AllRows {
			return errors.New("final navigation in one row per match")
		}
		types[i] = v.Type
	}
	for _, e := range n.Defines {
		if e != nil && e.Type().Kind != value.Bool {
			return errors.New("definition is not boolean")
		}
	}
	for _, e := range n.Scalars() {
		if err := checkExpr(e, types); err != nil {
			return err
		}
	}
	return nil
}

func (v Nav) check(in []Field, symbols int) error {
	if v.Symbol < -1 || v.Symbol >= symbols || v.Offset < 0 {
		return errors.New("navigation to an unknown row")
	}
	switch v.Kind {
	case NavLast, NavFirst:
		if err := inRange(v.Col, len(in)); err != nil {
			return err
		}
		if in[v.Col].Type != v.Type {
			return errors.New("navigation differs from its column in type")
		}
	case NavAggregate:
		return v.Call.check(in)
	case NavNumber, NavClassifier:
	default:
		return errors.New("unknown navigation")
	}
	return nil
}

func (p *Pattern) check(symbols, depth int) error {
	if p == nil || depth == 0 {
		return errors.New("pattern is missing or too deep")
	}
	for _, q := range p.Parts {
		if err := q.check(symbols, depth-1); err != nil {
			return err
		}
	}
	ok := false
	switch p.Kind {
	case PatternSymbol:
		ok = p.Symbol >= 0 && p.Symbol < symbols && len(p.Parts) == 0
	case PatternConcat, PatternAlt:
		ok = len(p.Parts) > 0
	case PatternRepeat:
		ok = len(p.Parts) == 1 && p.Min >= 0 && (p.Max == -1 || p.Max >= max(p.Min, 1)) &&
			!p.Parts[0].Empty()
	}
	if !ok {
		return errors.New("malformed pattern")
	}
	return nil
}

// Empty reports whether the pattern matches no rows at all.
func (p *Pattern) Empty() bool {
	switch p.Kind {
	case PatternConcat:
		return !slices.ContainsFunc(p.Parts, func(q *Pattern) bool { return !q.Empty() })
	case PatternAlt:
		return slices.ContainsFunc(p.Parts, (*Pattern).Empty)
	case PatternRepeat:
		return p.Min == 0
	}
	return false
}

func (n *Match) describe() string {
	in := n.Input.Schema()
	symbols := slices.Clone(n.Symbols)
	for _, s := range n.Subsets {
		symbols = append(symbols, s.Name)
	}
	navs := make([]string, len(n.Navs))
	for i, v := range n.Navs {
		navs[i] = v.describe(in, symbols)
		if v.Final {
			navs[i] = "final " + navs[i]
		}
	}
	text := "Match"
	if n.AllRows {
		text += " all rows"
	}
	if len(n.PartitionBy) > 0 {
		text += " by [" + strings.Join(pick(in, n.PartitionBy), ", ") + "]"
	}
	text += " order [" + in[n.TimeCol].Name + "] pattern (" + n.Pattern.describe(n.Symbols) + ")"
	if n.WithinMicros > 0 {
		text += " within " + seconds(n.WithinMicros)
	}
	text += [...]string{"", " skip to next", " skip to first ", " skip to last "}[n.Skip]
	if n.Skip >= SkipToFirst {
		text += symbols[n.SkipTo]
	}
	for _, s := range n.Subsets {
		of := make([]string, len(s.Symbols))
		for i, k := range s.Symbols {
			of[i] = n.Symbols[k]
		}
		text += " subset " + s.Name + " (" + strings.Join(of, ", ") + ")"
	}
	for i, e := range n.Defines {
		if e != nil {
			text += " define " + n.Symbols[i] + " " + expr.Print(e, navs)
		}
	}
	list := make([]string, len(n.Measures))
	for i, e := range n.Measures {
		list[i] = expr.Print(e, navs) + " AS " + n.Names[len(n.Lead())+i]
	}
	return text + " [" + strings.Join(list, ", ") + "]"
}

func (v Nav) describe(in []Field, symbols []string) string {
	symbol := ""
	if v.Symbol >= 0 {
		symbol = symbols[v.Symbol] + "."
	}
	text := ""
	switch v.Kind {
	case NavAggregate:
		return symbol + v.Call.describe(in)
	case NavNumber:
		return "match_number()"
	case NavClassifier:
		return "classifier()"
	case NavFirst:
		text = fmt.Sprintf("first(%s%s, %d)", symbol, in[v.Col].Name, v.Offset)
	default:
		text = fmt.Sprintf("last(%s%s, %d)", symbol, in[v.Col].Name, v.Offset)
	}
	if v.Shift != 0 {
		text += fmt.Sprintf("[%+d]", v.Shift)
	}
	return text
}

func (p *Pattern) describe(symbols []string) string {
	parts := make([]string, len(p.Parts))
	for i, q := range p.Parts {
		parts[i] = q.describe(symbols)
	}
	text := ""
	switch p.Kind {
	case PatternSymbol:
		return symbols[p.Symbol]
	case PatternConcat:
		return "(" + strings.Join(parts, " ") + ")"
	case PatternAlt:
		return "(" + strings.Join(parts, " | ") + ")"
	default:
		text = parts[0] + fmt.Sprintf("{%d,", p.Min)
		if p.Max >= 0 {
			text += fmt.Sprint(p.Max)
		}
		text += "}"
	}
	if p.Reluctant {
		text += "?"
	}
	return text
}

func (n *Match) encode(b []byte) []byte {
	b = appendInts(append(b, tagMatch), n.PartitionBy)
	b = canon.AppendUvarint(b, uint64(n.TimeCol))
	b = appendStrings(b, n.Symbols)
	b = n.Pattern.encode(b)
	b = canon.AppendUvarint(b, uint64(len(n.Navs)))
	for _, v := range n.Navs {
		b = v.encode(b)
	}
	for _, e := range n.Defines {
		b = canon.AppendBool(b, e != nil)
		if e != nil {
			b = appendExpr(b, e)
		}
	}
	b = canon.AppendUvarint(b, uint64(len(n.Measures)))
	for _, e := range n.Measures {
		b = appendExpr(b, e)
	}
	b = appendStrings(b, n.Names)
	b = canon.AppendUvarint(b, uint64(n.WithinMicros))
	more := n.AllRows || len(n.Subsets) > 0
	if !more {
		return canon.AppendUvarint(append(b, byte(n.Skip)), uint64(n.SkipTo))
	}
	b = canon.AppendUvarint(append(b, byte(n.Skip)|flagMore), uint64(n.SkipTo))
	b = canon.AppendBool(b, n.AllRows)
	b = canon.AppendUvarint(b, uint64(len(n.Subsets)))
	for _, s := range n.Subsets {
		b = appendInts(canon.AppendString(b, s.Name), s.Symbols)
	}
	return b
}

// flagMore, in the byte of the skip mode, says that all rows or subsets follow; flagFinal, in the
// byte of a navigation's kind, that it is final. Plans without them have the bytes that they had
// before there were any.
const (
	flagMore  = 0x80
	flagFinal = 0x80
)

func (p *Pattern) encode(b []byte) []byte {
	b = append(b, byte(p.Kind))
	b = canon.AppendUvarint(b, uint64(p.Symbol))
	b = canon.AppendUvarint(b, uint64(p.Min))
	b = appendPlus1(b, int64(p.Max))
	b = canon.AppendBool(b, p.Reluctant)
	b = canon.AppendUvarint(b, uint64(len(p.Parts)))
	for _, q := range p.Parts {
		b = q.encode(b)
	}
	return b
}

func (v Nav) encode(b []byte) []byte {
	kind := byte(v.Kind)
	if v.Final {
		kind |= flagFinal
	}
	b = appendPlus1(append(b, kind), int64(v.Symbol))
	if v.Kind == NavAggregate {
		return appendType(appendCall(b, v.Call), v.Type)
	}
	b = canon.AppendUvarint(b, uint64(v.Col))
	b = canon.AppendUvarint(b, uint64(v.Offset))
	b = canon.AppendVarint(b, int64(v.Shift))
	return appendType(b, v.Type)
}

func (r *reader) match(depth int) Node {
	n := &Match{PartitionBy: r.ints(), TimeCol: r.col(), Symbols: r.strings()}
	n.Pattern = r.pattern(MaxPatternDepth)
	for range r.Count() {
		n.Navs = append(n.Navs, r.nav())
	}
	for range n.Symbols {
		var e expr.Expr
		if r.Bool() {
			e = r.expr()
		}
		n.Defines = append(n.Defines, e)
	}
	for range r.Count() {
		n.Measures = append(n.Measures, r.expr())
	}
	n.Names = r.strings()
	n.WithinMicros = r.int64()
	skip := r.Byte()
	n.Skip, n.SkipTo = SkipMode(skip&^flagMore), r.Int(MaxSymbols)
	if skip&flagMore != 0 {
		n.AllRows = r.Bool()
		for range r.Count() {
			n.Subsets = append(n.Subsets, Subset{r.String(), r.ints()})
		}
	}
	n.Input = r.node(depth + 1)
	return n
}

func (r *reader) pattern(depth int) *Pattern {
	if depth == 0 {
		r.Fail(errDepth)
	}
	p := &Pattern{Kind: PatternKind(r.Byte()), Symbol: r.Int(MaxSymbols)}
	p.Min, p.Max = r.Int(MaxPatternCount), r.Int(MaxPatternCount+1)-1
	p.Reluctant = r.Bool()
	for range r.Count() {
		if r.Err() != nil {
			break
		}
		p.Parts = append(p.Parts, r.pattern(depth-1))
	}
	return p
}

// MaxPatternCount bounds the numbers in {n,m}; else 54000.
const MaxPatternCount = 10_000

func (r *reader) nav() Nav {
	kind := r.Byte()
	v := Nav{
		Kind: NavKind(kind &^ flagFinal), Final: kind&flagFinal != 0,
		Symbol: r.Int(MaxSymbols+1) - 1,
	}
	if v.Kind == NavAggregate {
		v.Call = r.call()
		v.Type = r.typ()
		return v
	}
	v.Col, v.Offset, v.Shift = r.col(), r.Int(MaxPatternCount), int(r.Varint())
	if v.Shift < -MaxPatternCount || v.Shift > MaxPatternCount {
		r.Fail(canon.ErrValue)
	}
	v.Type = r.typ()
	return v
}
