package lint

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	maxFileLines   = 1000
	maxFuncLines   = 70
	maxLineColumns = 100
	tabColumns     = 1
)

// forbidden has what no text file may contain: paths of a machine, and notes on work left undone.
// The words are put together here so that this file does not contain them.
var forbidden = []string{"/wor" + "k/", "/roo" + "t/", "TO" + "DO", "FIX" + "ME"}

// TestTidy checks every file of the repository.
func TestTidy(t *testing.T) {
	faults, err := untidy(repoRoot)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// source is a file that is checked: its path from the root, with slashes, and its content.
type source struct {
	path string
	text string
}

// untidy returns every fault of the files under root, in the order of their paths.
func untidy(root string) ([]string, error) {
	var faults []string
	packages := map[string]bool{} // directory of Go files -> has a doc.go
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skipDir(root, path, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !isText(d.Name()) {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := source{filepath.ToSlash(rel), string(content)}
		faults = append(faults, forbiddenWords(f)...)
		if strings.HasSuffix(f.path, ".go") && !strings.Contains("/"+f.path, "/testdata/") {
			dir := filepath.ToSlash(filepath.Dir(f.path))
			packages[dir] = packages[dir] || d.Name() == "doc.go"
			faults = append(faults, untidyGo(f)...)
		}
		return nil
	})
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		if !packages[dir] {
			faults = append(faults, dir+": no doc.go")
		}
	}
	return faults, err
}

// skipDir leaves out what is not part of the repository: built files and hidden folders, of which
// only .ci belongs to it.
func skipDir(root, path, name string) bool {
	if path == root {
		return false
	}
	return name == "bin" || strings.HasPrefix(name, ".") && name != ".ci"
}

func isText(name string) bool {
	switch filepath.Ext(name) {
	case ".go", ".md", ".mod", ".txt", ".sh", ".sql", ".json", ".proto", ".toml", ".yml", ".yaml":
		return true
	case "":
		return true // scripts
	default:
		return false
	}
}

func forbiddenWords(f source) (faults []string) {
	for i, line := range strings.Split(f.text, "\n") {
		for _, w := range forbidden {
			if strings.Contains(line, w) {
				faults = append(faults, fmt.Sprintf("%s:%d: forbidden: %s", f.path, i+1, w))
			}
		}
	}
	return faults
}

// untidyGo checks the sizes in a Go file that was not generated.
func untidyGo(f source) (faults []string) {
	fset := token.NewFileSet()
	const mode = parser.ParseComments | parser.SkipObjectResolution
	tree, err := parser.ParseFile(fset, f.path, f.text, mode)
	if err != nil {
		return []string{err.Error()}
	}
	if ast.IsGenerated(tree) {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(f.text, "\n"), "\n")
	if len(lines) > maxFileLines {
		faults = append(faults, fmt.Sprintf("%s: %d lines, more than %d",
			f.path, len(lines), maxFileLines))
	}
	for i, line := range lines {
		if n := columns(line); n > maxLineColumns {
			faults = append(faults, fmt.Sprintf("%s:%d: %d columns, more than %d",
				f.path, i+1, n, maxLineColumns))
		}
	}
	for _, decl := range tree.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		from, to := fset.Position(fn.Pos()).Line, fset.Position(fn.End()).Line
		if n := to - from + 1; n > maxFuncLines {
			faults = append(faults, fmt.Sprintf("%s:%d: %s has %d lines, more than %d",
				f.path, from, fn.Name.Name, n, maxFuncLines))
		}
	}
	return faults
}

// columns is the width of a line in characters, with a tab for tabColumns of them.
func columns(line string) int {
	return utf8.RuneCountInString(line) + (tabColumns-1)*strings.Count(line, "\t")
}
