package bind

import (
	"strconv"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/sql/parse"
)

// session binds the statements about the session itself.
func (b *binder) session(tree ast.Stmt) (Statement, error) {
	switch s := tree.(type) {
	case *ast.TransactionStmt:
		return b.transaction(s)
	case *ast.VariableSetStmt:
		return b.set(s)
	case *ast.VariableShowStmt:
		return &Show{Name: strings.ToLower(s.Name)}, nil
	case *ast.DiscardStmt:
		what := map[ast.DiscardMode]string{
			ast.DISCARD_ALL: "ALL", ast.DISCARD_PLANS: "PLANS",
			ast.DISCARD_SEQUENCES: "SEQUENCES", ast.DISCARD_TEMP: "TEMP",
		}[s.Target]
		return &Discard{What: what}, nil
	case *ast.DeallocateStmt:
		return &Deallocate{Name: s.Name, All: s.IsAll}, nil
	default:
		return nil, b.unsupported(b.raw.Offset, "this statement is", "")
	}
}

func (b *binder) transaction(s *ast.TransactionStmt) (Statement, error) {
	if s.Chain {
		return nil, b.unsupported(b.raw.Offset, "AND CHAIN is", "")
	}
	switch s.Kind {
	case ast.TRANS_STMT_BEGIN, ast.TRANS_STMT_START:
		return &Begin{}, nil
	case ast.TRANS_STMT_COMMIT:
		return &Commit{}, nil
	case ast.TRANS_STMT_ROLLBACK:
		return &Rollback{}, nil
	case ast.TRANS_STMT_SAVEPOINT, ast.TRANS_STMT_RELEASE, ast.TRANS_STMT_ROLLBACK_TO:
		return nil, b.unsupported(b.raw.Offset, "savepoints are", "")
	default:
		return nil, b.unsupported(b.raw.Offset, "two-phase commit is", "")
	}
}

// set binds SET and RESET. SET TRANSACTION becomes SET of the variables that it names.
func (b *binder) set(s *ast.VariableSetStmt) (Statement, error) {
	out := &Set{Name: strings.ToLower(s.Name), Local: s.IsLocal}
	switch s.Kind {
	case ast.VAR_SET_VALUE:
	case ast.VAR_SET_DEFAULT, ast.VAR_RESET:
		out.Reset = true
		return out, nil
	case ast.VAR_RESET_ALL:
		out.Name, out.Reset = "all", true
		return out, nil
	case ast.VAR_SET_MULTI:
		return b.setTransaction(s, out)
	default:
		return nil, b.unsupported(b.raw.Offset, "SET ... FROM CURRENT is", "")
	}
	var list []string
	for _, n := range items(s.Args) {
		text, ok := settingText(n)
		if !ok {
			return nil, b.unsupported(b.raw.Offset, "this value of a setting is", "")
		}
		list = append(list, text)
	}
	out.Value = strings.Join(list, ", ")
	return out, nil
}

// setTransaction keeps the isolation level; whatever is asked for, blocks are serializable.
func (b *binder) setTransaction(s *ast.VariableSetStmt, out *Set) (Statement, error) {
	out.Name = "transaction_isolation"
	out.Value = "serializable"
	for _, n := range items(s.Args) {
		d, ok := n.(*ast.DefElem)
		if !ok || d.Defname != "transaction_isolation" {
			continue
		}
		if text, ok := settingText(d.Arg); ok {
			out.Value = text
		}
	}
	return out, nil
}

// settingText is the text of a literal.
func settingText(n ast.Node) (string, bool) {
	if parse.IsNil(n) {
		return "", false
	}
	switch v := n.(type) {
	case *ast.A_Const:
		return settingText(v.Val)
	case *ast.String:
		return v.SVal, true
	case *ast.Integer:
		return strconv.FormatInt(int64(v.IVal), 10), true
	case *ast.Float:
		return v.FVal, true
	case *ast.Boolean:
		return strconv.FormatBool(v.BoolVal), true
	case *ast.TypeCast:
		return settingText(v.Arg)
	}
	return "", false
}
