package jsonpath

import (
	"strings"

	"weir/stream/value"
)

// primary reads an operand with the steps behind it.
func (p *parser) primary() (*node, *value.Error) {
	t := p.peek()
	p.at++
	switch t.kind {
	case tString:
		return p.steps(stringNode(t.text))
	case tVariable:
		return p.steps(&node{kind: kVariable, name: t.text})
	case tNumber, tInteger:
		return p.steps(&node{
			kind: kLiteral, item: value.JSON{Kind: value.JSONNumber, Num: t.num},
		})
	case tWord:
		return p.wordOperand()
	case tSymbol:
		switch t.text {
		case "$":
			return p.steps(&node{kind: kRoot})
		case "@":
			if p.filters == 0 {
				return nil, syntaxError("@ is not allowed in root expressions")
			}
			return p.steps(&node{kind: kCurrent})
		case "(":
			return p.parentheses()
		}
	}
	p.at--
	return nil, p.unexpected()
}

func (p *parser) parentheses() (*node, *value.Error) {
	n, err := p.nested(p.or)
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if n.predicate() && p.isWord(p.at, "is") && p.isWord(p.at+1, "unknown") {
		p.at += 2
		return &node{kind: kUnknown, args: []*node{n}}, nil
	}
	return p.steps(n)
}

// wordOperand reads a word that was passed: a literal, last or exists.
func (p *parser) wordOperand() (*node, *value.Error) {
	p.at--
	switch {
	case p.keyword("null"):
		return p.steps(&node{kind: kLiteral})
	case p.keyword("true"):
		return p.steps(&node{kind: kLiteral, item: value.JSON{Kind: value.JSONBool, Bool: true}})
	case p.keyword("false"):
		return p.steps(&node{kind: kLiteral, item: value.JSON{Kind: value.JSONBool}})
	case p.isWord(p.at, "last"):
		if p.subscripts == 0 {
			return nil, syntaxError("LAST is allowed only in array subscripts")
		}
		p.at++
		return p.steps(&node{kind: kLast})
	case p.keyword("exists"):
		if err := p.expect("("); err != nil {
			return nil, err
		}
		n, err := p.nested(p.or)
		if err != nil {
			return nil, err
		}
		if n.predicate() {
			return nil, p.unexpected()
		}
		return &node{kind: kExists, args: []*node{n}}, p.expect(")")
	}
	return nil, p.unexpected()
}

// steps reads .key, .*, .**, .method(), [...] and ? (...).
func (p *parser) steps(head *node) (*node, *value.Error) {
	last := head
	for last.next != nil { // those inside of parentheses
		last = last.next
	}
	for {
		var n *node
		var err *value.Error
		switch {
		case p.symbol("."):
			n, err = p.dot()
		case p.symbol("["):
			n, err = p.subscript()
		case p.symbol("?"):
			n, err = p.filter()
		default:
			return head, nil
		}
		if err != nil {
			return nil, err
		}
		last.next, last = n, n
	}
}

var methods = map[string]bool{
	"abs": true, "size": true, "type": true, "floor": true, "double": true, "ceiling": true,
	"keyvalue": true,
}

func (p *parser) dot() (*node, *value.Error) {
	t := p.peek()
	switch {
	case p.symbol("**"):
		return p.anyLevel()
	case p.symbol("*"):
		return &node{kind: kAnyMember}, nil
	case t.kind == tString:
		p.at++
		return &node{kind: kMember, name: t.text}, nil
	case t.kind != tWord:
		return nil, p.unexpected()
	}
	p.at++
	if !p.symbol("(") {
		return &node{kind: kMember, name: t.text}, nil
	}
	name := strings.ToLower(t.text)
	if name == "datetime" {
		return nil, &value.Error{
			SQLState: value.StateUnsupported, Msg: "the method datetime() of paths is not supported",
		}
	}
	if !methods[name] {
		p.at--
		return nil, p.unexpected()
	}
	return &node{kind: kMethod, name: name}, p.expect(")")
}

// anyLevel reads {2}, {1 to last} and nothing.
func (p *parser) anyLevel() (*node, *value.Error) {
	n := &node{kind: kAnyLevel, to: anyLast}
	if !p.symbol("{") {
		return n, nil
	}
	var err *value.Error
	if n.from, err = p.level(); err != nil {
		return nil, err
	}
	n.to = n.from
	if p.keyword("to") {
		if n.to, err = p.level(); err != nil {
			return nil, err
		}
	}
	return n, p.expect("}")
}

func (p *parser) level() (int, *value.Error) {
	if p.keyword("last") {
		return anyLast, nil
	}
	t := p.peek()
	v, ok := t.num.Int64()
	if t.kind != tInteger || !ok || v >= anyLast {
		return 0, p.unexpected()
	}
	p.at++
	return int(v), nil
}

func (p *parser) subscript() (*node, *value.Error) {
	if t := p.peek(); t.kind == tSymbol && t.text == "*" {
		p.at++
		return &node{kind: kAnyArray}, p.expect("]")
	}
	p.subscripts++
	defer func() { p.subscripts-- }()
	n := &node{kind: kIndex}
	for {
		from, err := p.index()
		if err != nil {
			return nil, err
		}
		var to *node
		if p.keyword("to") {
			if to, err = p.index(); err != nil {
				return nil, err
			}
		}
		n.args = append(n.args, from, to)
		if !p.symbol(",") {
			return n, p.expect("]")
		}
	}
}

func (p *parser) index() (*node, *value.Error) {
	n, err := p.nested(p.sum)
	if err == nil && n.predicate() {
		err = p.unexpected()
	}
	return n, err
}

func (p *parser) filter() (*node, *value.Error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	p.filters++
	defer func() { p.filters-- }()
	n, err := p.nested(p.or)
	if err != nil {
		return nil, err
	}
	if !n.predicate() {
		return nil, p.unexpected()
	}
	return &node{kind: kFilter, args: []*node{n}}, p.expect(")")
}
