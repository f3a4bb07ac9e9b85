package catalog

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"weir/internal/canon"
	"weir/stream/value"
)

// LeafFunction is the one leaf of a function. Its id comes from the counter of relations.
const LeafFunction LeafKind = 4

// MaxFunctionArgs is how many parameters a function can have; else 54023.
const MaxFunctionArgs = 100

const functionFormat = 1

// Function is a scalar function in SQL. Statements that call it take its body over when they are
// bound, so that nothing that is stored depends on it.
type Function struct {
	ID     uint32
	Name   string
	Owner  string // role
	SQL    string // canonical text of the CREATE statement
	Args   []Argument
	Result value.Type
	Strict bool // NULL for a NULL argument
	// Body is bound expression bytes (expr codec): column i is argument i.
	Body []byte
	// Functions is the version of the function library under which Body was bound.
	Functions uint32
}

// Argument is a parameter; its name may be empty.
type Argument struct {
	Name string
	Type value.Type
}

// Signature is the function as it is named in messages: f(integer,text).
func (f *Function) Signature() string {
	var b bytes.Buffer
	b.WriteString(f.Name + "(")
	for i, a := range f.Args {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(a.Type.String())
	}
	return b.String() + ")"
}

// Functions returns the functions of a name in ascending order of ids; every one for "".
func (c *Catalog) Functions(name string) []*Function {
	var out []*Function
	for _, id := range slices.Sorted(maps.Keys(c.functions)) {
		if f := c.functions[id]; name == "" || f.Name == name {
			out = append(out, f)
		}
	}
	return out
}

// FunctionByID returns the function of an id, nil if there is none.
func (c *Catalog) FunctionByID(id uint32) *Function { return c.functions[id] }

// SameFunction returns the function with the name and the argument types of f, nil if there is
// none.
func (c *Catalog) SameFunction(f *Function) *Function {
	for _, o := range c.Functions(f.Name) {
		if slices.EqualFunc(o.Args, f.Args, func(a, b Argument) bool { return a.Type == b.Type }) {
			return o
		}
	}
	return nil
}

// CheckNewFunction judges whether a function could be created: its name (42602, 42622, 42939),
// one of the same signature (42723), too many arguments (54023).
func (c *Catalog) CheckNewFunction(f *Function, replace bool) error {
	if err := checkName("function", f.Name); err != nil {
		return err
	}
	if err := CheckRelationName(f.Name); err != nil {
		return err
	}
	if len(f.Args) > MaxFunctionArgs {
		return &Error{
			SQLState: "54023",
			Message:  fmt.Sprintf("functions cannot have more than %d arguments", MaxFunctionArgs),
		}
	}
	if !replace && c.SameFunction(f) != nil {
		return &Error{
			SQLState: "42723",
			Message:  fmt.Sprintf("function %q already exists with same argument types", f.Name),
		}
	}
	return nil
}

// CreateFunction adds f, in the place and under the id of the one with its signature if there is
// one. f must not be in any catalog yet.
func (c *Catalog) CreateFunction(f *Function) {
	if old := c.SameFunction(f); old != nil {
		f.ID = old.ID
	} else {
		f.ID = c.next
		c.next++
	}
	c.functions[f.ID] = f
}

// DropFunction removes a function.
func (c *Catalog) DropFunction(id uint32) { delete(c.functions, id) }

// AppendFunction appends the leaf of f:
//
//	format, id u32, name, owner, SQL, arguments (name, type 3 bytes), result type 3 bytes,
//	strict, body, function library version
func AppendFunction(b []byte, f *Function) []byte {
	b = append(b, functionFormat)
	b = canon.AppendU32(b, f.ID)
	b = canon.AppendString(b, f.Name)
	b = canon.AppendString(b, f.Owner)
	b = canon.AppendString(b, f.SQL)
	b = canon.AppendUvarint(b, uint64(len(f.Args)))
	for _, a := range f.Args {
		b = canon.AppendString(b, a.Name)
		b = append(b, byte(a.Type.Kind), a.Type.Precision, a.Type.Scale)
	}
	b = append(b, byte(f.Result.Kind), f.Result.Precision, f.Result.Scale)
	b = canon.AppendBool(b, f.Strict)
	b = canon.AppendString(b, f.Body)
	return canon.AppendUvarint(b, uint64(f.Functions))
}

// DecodeFunction reads the leaf of a function. It accepts only what AppendFunction writes.
func DecodeFunction(b []byte) (*Function, error) {
	rd := canon.NewReader(b)
	if rd.Byte() != functionFormat {
		rd.Fail(errFormat)
	}
	f := &Function{ID: rd.U32(), Name: rd.String(), Owner: rd.String(), SQL: rd.String()}
	for range rd.Count() {
		f.Args = append(f.Args, Argument{Name: rd.String(), Type: readType(rd)})
	}
	f.Result, f.Strict = readType(rd), rd.Bool()
	f.Body, f.Functions = bytes.Clone(rd.Bytes()), uint32(rd.Int(1<<32-1))
	if err := rd.Close(); err != nil {
		return nil, err
	}
	if !bytes.Equal(AppendFunction(make([]byte, 0, len(b)), f), b) {
		return nil, errCanonical
	}
	return f, nil
}

func readType(rd *canon.Reader) value.Type {
	t := value.Type{Kind: value.Kind(rd.Byte()), Precision: rd.Byte(), Scale: rd.Byte()}
	if t.Kind > value.JSONB {
		rd.Fail(canon.ErrValue)
	}
	return t
}
