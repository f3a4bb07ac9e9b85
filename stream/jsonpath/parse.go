package jsonpath

import (
	"strings"

	"weir/stream/regex"
	"weir/stream/value"
)

// Parse reads a path. Errors are 42601, 22P02 for an empty text, 2201B for a bad regular
// expression, 0A000 for datetime() and the flag x, and those of the limits.
func Parse(text string) (*Path, *value.Error) {
	if len(text) > MaxPath {
		return nil, value.Errorf(value.StateTooLarge, "a path is longer than %d bytes", MaxPath)
	}
	if err := value.CheckText(text); err != nil {
		return nil, err
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	if len(tokens) == 1 {
		return nil, value.Errorf(value.StateBadText, "invalid input syntax for type jsonpath: %q", text)
	}
	p := &parser{tokens: tokens}
	path := &Path{}
	if p.keyword("strict") {
		path.strict = true
	} else {
		p.keyword("lax")
	}
	if path.root, err = p.or(); err != nil {
		return nil, err
	}
	if p.peek().kind != tEnd {
		return nil, p.unexpected()
	}
	return path, nil
}

// parser is a recursive descent over the grammar of PostgreSQL's jsonpath_gram.y.
type parser struct {
	tokens     []token
	at         int
	depth      int
	filters    int // filters around
	subscripts int // subscripts around
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) unexpected() *value.Error {
	if t := p.peek(); t.kind != tEnd {
		return syntaxError("syntax error at or near %q of jsonpath input", t.text)
	}
	return syntaxError("syntax error at end of jsonpath input")
}

func (p *parser) symbol(s string) bool {
	if t := p.peek(); t.kind != tSymbol || t.text != s {
		return false
	}
	p.at++
	return true
}

func (p *parser) isWord(at int, s string) bool {
	if at >= len(p.tokens) || p.tokens[at].kind != tWord {
		return false
	}
	w := p.tokens[at].text
	if s == "true" || s == "false" || s == "null" {
		return w == s
	}
	return strings.EqualFold(w, s)
}

func (p *parser) keyword(s string) bool {
	if !p.isWord(p.at, s) {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(s string) *value.Error {
	if !p.symbol(s) {
		return p.unexpected()
	}
	return nil
}

// nested runs fn one level deeper.
func (p *parser) nested(fn func() (*node, *value.Error)) (*node, *value.Error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, value.Errorf(value.StateTooDeep, "a path nests deeper than %d", MaxDepth)
	}
	defer func() { p.depth-- }()
	return fn()
}

func (p *parser) or() (*node, *value.Error) { return p.logical("||", kOr, p.and) }

func (p *parser) and() (*node, *value.Error) { return p.logical("&&", kAnd, p.not) }

func (p *parser) logical(
	symbol string, k kind, operand func() (*node, *value.Error),
) (*node, *value.Error) {
	left, err := operand()
	for err == nil && p.peek().kind == tSymbol && p.peek().text == symbol {
		if !left.predicate() {
			return nil, p.unexpected()
		}
		p.at++
		var right *node
		if right, err = operand(); err == nil && !right.predicate() {
			err = p.unexpected()
		}
		left = &node{kind: k, args: []*node{left, right}}
	}
	return left, err
}

// not reads ! before a predicate in parentheses or exists.
func (p *parser) not() (*node, *value.Error) {
	if !p.symbol("!") {
		return p.comparison()
	}
	if t := p.peek(); (t.kind != tSymbol || t.text != "(") && !p.isWord(p.at, "exists") {
		return nil, p.unexpected()
	}
	n, err := p.primary()
	if err != nil {
		return nil, err
	}
	if !n.predicate() {
		return nil, p.unexpected()
	}
	return &node{kind: kNot, args: []*node{n}}, nil
}

func (p *parser) comparison() (*node, *value.Error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	t := p.peek()
	switch {
	case t.kind == tSymbol && strings.Contains(" == != <> < <= > >= ", " "+t.text+" "):
		if left.predicate() {
			return nil, p.unexpected()
		}
		p.at++
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		if right.predicate() {
			return nil, p.unexpected()
		}
		op := t.text
		if op == "<>" {
			op = "!="
		}
		return &node{kind: kCompare, name: op, args: []*node{left, right}}, nil
	case p.isWord(p.at, "starts") && p.isWord(p.at+1, "with") && !left.predicate():
		p.at += 2
		return p.starts(left)
	case p.isWord(p.at, "like_regex") && !left.predicate():
		p.at++
		return p.regex(left)
	}
	return left, nil
}

func (p *parser) starts(left *node) (*node, *value.Error) {
	t := p.peek()
	right := &node{kind: kVariable, name: t.text}
	switch t.kind {
	case tString:
		right = stringNode(t.text)
	case tVariable:
	default:
		return nil, p.unexpected()
	}
	p.at++
	return &node{kind: kStarts, args: []*node{left, right}}, nil
}

func (p *parser) regex(left *node) (*node, *value.Error) {
	t := p.peek()
	if t.kind != tString {
		return nil, p.unexpected()
	}
	p.at++
	flags := ""
	if p.keyword("flag") {
		f := p.peek()
		if f.kind != tString {
			return nil, p.unexpected()
		}
		p.at++
		flags = f.text
	}
	own, err := regexFlags(flags)
	if err != nil {
		return nil, err
	}
	re, err := regex.Compile(t.text, own)
	return &node{kind: kRegex, args: []*node{left}, re: re}, err
}

// regexFlags translates the flags of XQuery.
func regexFlags(flags string) (string, *value.Error) {
	if i := strings.IndexFunc(flags, func(r rune) bool {
		return !strings.ContainsRune("ismxq", r)
	}); i >= 0 {
		return "", syntaxError("unrecognized flag character %q in LIKE_REGEX predicate", flags[i:])
	}
	own := ""
	if strings.Contains(flags, "i") {
		own = "i"
	}
	dotAll, lines := strings.Contains(flags, "s"), strings.Contains(flags, "m")
	switch {
	case strings.Contains(flags, "q"):
		return own + "q", nil
	case strings.Contains(flags, "x"):
		return "", &value.Error{
			SQLState: value.StateUnsupported,
			Msg:      `XQuery "x" flag (expanded regular expressions) is not implemented`,
		}
	case dotAll && lines:
		return own + "w", nil
	case lines:
		return own + "n", nil
	case !dotAll:
		return own + "p", nil
	}
	return own, nil
}

func (p *parser) sum() (*node, *value.Error) { return p.arithmetic("+-", p.product) }

func (p *parser) product() (*node, *value.Error) { return p.arithmetic("*/%", p.unary) }

func (p *parser) arithmetic(
	ops string, operand func() (*node, *value.Error),
) (*node, *value.Error) {
	left, err := operand()
	for err == nil {
		t := p.peek()
		if t.kind != tSymbol || len(t.text) != 1 || !strings.Contains(ops, t.text) {
			break
		}
		if left.predicate() {
			return nil, p.unexpected()
		}
		p.at++
		var right *node
		if right, err = operand(); err == nil && right.predicate() {
			err = p.unexpected()
		}
		left = &node{kind: kBinary, name: t.text, args: []*node{left, right}}
	}
	return left, err
}

func (p *parser) unary() (*node, *value.Error) {
	t := p.peek()
	if t.kind != tSymbol || t.text != "+" && t.text != "-" {
		return p.primary()
	}
	p.at++
	n, err := p.nested(p.unary)
	if err != nil {
		return nil, err
	}
	if n.predicate() {
		return nil, p.unexpected()
	}
	return &node{kind: kUnary, name: t.text, args: []*node{n}}, nil
}

func stringNode(s string) *node {
	return &node{kind: kLiteral, item: value.JSON{Kind: value.JSONString, Str: s}}
}
