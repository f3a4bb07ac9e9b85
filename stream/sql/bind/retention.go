package bind

import (
	"strconv"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/value"
)

// MaxRetentionBytes bounds retention_bytes.
const MaxRetentionBytes = 1 << 60

// retentionOption sets what one option of WITH or SET says; known is false for another option.
func (b *binder) retentionOption(r *catalog.Retention, d *ast.DefElem) (known bool, err error) {
	switch d.Defname {
	case "retention":
		r.Micros, err = b.retentionSpan(d)
	case "retention_bytes":
		r.Bytes, err = b.retentionBytes(d)
	default:
		return false, nil
	}
	return true, err
}

// resetRetention takes one option back.
func resetRetention(r *catalog.Retention, d *ast.DefElem) (known bool) {
	switch d.Defname {
	case "retention":
		r.Micros = 0
	case "retention_bytes":
		r.Bytes = 0
	default:
		return false
	}
	return true
}

func (b *binder) retentionSpan(d *ast.DefElem) (int64, error) {
	at := d.Location()
	text, ok := d.Arg.(*ast.String)
	if !ok {
		return 0, b.errorf(at, stateBadParameter,
			"retention must be an interval, such as '30 days'")
	}
	return b.spanText(at, "retention", text.SVal)
}

// spanText reads a positive interval of fixed length.
func (b *binder) spanText(at int, what, text string) (int64, error) {
	v, err := parseDatum(text, value.Of(value.Interval))
	if err != nil {
		return 0, b.at(at, err)
	}
	micros, fits := v.V.Span().Int64()
	switch {
	case v.V.Months != 0 || !fits:
		return 0, b.errorf(at, stateBadParameter,
			"%s must have a fixed length: no months and no years", what)
	case micros <= 0:
		return 0, b.errorf(at, stateBadParameter, "%s must be positive", what)
	}
	return micros, nil
}

func (b *binder) retentionBytes(d *ast.DefElem) (uint64, error) {
	var n uint64
	ok := false
	switch v := d.Arg.(type) {
	case *ast.String:
		n, ok = bytesOf(v.SVal)
	case *ast.Integer:
		n, ok = uint64(v.IVal), v.IVal > 0
	case *ast.Float:
		n, ok = bytesOf(v.FVal)
	}
	if !ok || n == 0 || n > MaxRetentionBytes {
		e := b.errorf(d.Location(), stateBadParameter,
			"retention_bytes must be a size from 1 byte to %d bytes", uint64(MaxRetentionBytes))
		e.Hint = "Write a number of bytes, or a whole number with kB, MB, GB or TB: '10 GB'."
		return 0, e
	}
	return n, nil
}

// bytesOf reads a whole number with one of PostgreSQL's units of memory, powers of 1024.
func bytesOf(s string) (uint64, bool) {
	s = strings.TrimSpace(s)
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	n, err := strconv.ParseUint(s[:digits], 10, 64)
	if err != nil {
		return 0, false
	}
	shift := 0
	switch strings.ToLower(strings.TrimSpace(s[digits:])) {
	case "", "b", "bytes":
	case "kb":
		shift = 10
	case "mb":
		shift = 20
	case "gb":
		shift = 30
	case "tb":
		shift = 40
	default:
		return 0, false
	}
	return n << shift, n<<shift>>shift == n
}

// setOptions applies SET (...) or RESET (...) to the next definition of a stream.
func (b *binder) setOptions(r *catalog.Relation, c *ast.AlterTableCmd) error {
	list, _ := c.Def.(*ast.NodeList)
	for _, n := range items(list) {
		d, ok := n.(*ast.DefElem)
		if !ok {
			continue
		}
		known, err := false, error(nil)
		switch {
		case r.Kind != catalog.Stream:
		case c.Subtype == ast.AT_ResetRelOptions:
			known = resetRetention(&r.Retention, d)
		default:
			known, err = b.retentionOption(&r.Retention, d)
		}
		if err != nil {
			return err
		}
		if !known {
			return b.errorf(d.Location(), stateBadParameter, "unrecognized parameter %q", d.Defname)
		}
	}
	return nil
}
