package expr_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/stream/expr"
	"weir/stream/value"
)

var rewriteFunctions = flag.Bool("functions", false, "write docs/sql/functions.md anew")

const functionsHead = `# Functions

Every function and operator of the library, by the name under which plans store it; operators
have their symbol beside it. *any* is each kind but an array or a record, the same one throughout
a line. A repeated last argument is followed by dots. Results and errors are those of
PostgreSQL 15, but for what [differences.md](differences.md) lists. Casts are PostgreSQL's, among
all kinds, and element by element among their arrays.

The test ` + "`TestFunctionsDocument`" + ` of ` + "`stream/expr`" + ` keeps this page.

`

// signature writes the arguments of a function; every is the name of all 16 kinds at once.
func signature(args []value.Type, result string, as value.Kind) string {
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = typeName(a)
		if as != value.Null && (a.Kind == as || a.Elem == as) {
			names[i] = strings.Replace(names[i], as.String(), "any", 1)
		}
	}
	if as != value.Null && strings.TrimSuffix(result, "[]") == as.String() {
		result = strings.Replace(result, as.String(), "any", 1)
	}
	out := "(" + strings.Join(names, ", ") + ")"
	if result != "" {
		out += " → " + result
	}
	return out
}

// documented collapses overloads that exist for every kind into one line.
func documented(overloads [][]value.Type, results []string) []string {
	every := map[string]int{}
	patterns := make([]map[value.Kind]string, len(overloads))
	for i, args := range overloads {
		patterns[i] = map[value.Kind]string{}
		for _, a := range args {
			k := a.Kind
			if k == value.Array {
				k = a.Elem
			}
			if patterns[i][k] == "" && k != value.Record {
				patterns[i][k] = signature(args, results[i], k)
				every[patterns[i][k]]++
			}
		}
	}
	lines := map[string]bool{}
	for i, args := range overloads {
		line := signature(args, results[i], value.Null)
		for _, k := range slices.Sorted(maps.Keys(patterns[i])) {
			if every[patterns[i][k]] == int(value.Array-value.Bool) {
				line = patterns[i][k]
			}
		}
		lines[line] = true
	}
	return slices.Sorted(maps.Keys(lines))
}

// TestFunctionsDocument: docs/sql/functions.md lists the library.
func TestFunctionsDocument(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(functionsHead)
	section := func(title string, ids []string, lookup func(string) ([]value.Type, string)) {
		b.WriteString("## " + title + "\n\n| Name | Overloads |\n| --- | --- |\n")
		byName := map[string][]string{}
		for _, id := range ids {
			name, _, _ := strings.Cut(id, "(")
			byName[name] = append(byName[name], id)
		}
		for _, name := range slices.Sorted(maps.Keys(byName)) {
			if name == "cast" {
				continue
			}
			var overloads [][]value.Type
			var results []string
			for _, id := range byName[name] {
				args, result := lookup(id)
				overloads, results = append(overloads, args), append(results, result)
			}
			lines := strings.Join(documented(overloads, results), "<br>")
			title := "`" + name + "`"
			if s := expr.Symbol(name); s != "" {
				title += " `" + strings.ReplaceAll(s, "|", "\\|") + "`"
			}
			b.WriteString("| " + title + " | " + lines + " |\n")
		}
	}
	var ids, sets []string
	for _, fn := range expr.Functions() {
		ids = append(ids, string(fn))
	}
	for _, fn := range expr.SetFunctions() {
		sets = append(sets, string(fn))
	}
	section("Scalar functions and operators", ids, func(id string) ([]value.Type, string) {
		args, ret, _ := expr.Lookup(expr.Func(id))
		return args, typeName(ret)
	})
	b.WriteString("\n`any.` or `all.` before the name of an operator is `x op ANY (array)` or " +
		"`x op ALL (array)`.\n\n")
	section("Set-returning functions", sets, func(id string) ([]value.Type, string) {
		return setArguments(t, id), ""
	})
	path := filepath.Join("..", "..", "docs", "sql", "functions.md")
	if *rewriteFunctions {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(want, b.Bytes()) {
		t.Errorf("%s is not what the library has (%v): go test ./stream/expr -run %s -functions", path,
			err, t.Name())
	}
}

// setArguments reads the types in the name of a set-returning function.
func setArguments(t *testing.T, id string) []value.Type {
	_, list, _ := strings.Cut(strings.TrimSuffix(id, ")"), "(")
	var args []value.Type
	for part := range strings.SplitSeq(list, ",") {
		args = append(args, typeOf(part))
	}
	if _, _, _, err := expr.ResolveSet(id[:strings.IndexByte(id, '(')], args); err != nil {
		t.Fatal(err)
	}
	return args
}
