package lint

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// scenarioDirs have the golden scenarios, one a file.
var scenarioDirs = []string{
	"stream/streamtest/testdata/scenarios", "testnet/abcisim/testdata/sql",
}

// sqlPages is the folder of the pages on SQL, featureTable the one with the table of features.
const (
	sqlPages     = "docs/sql"
	featureTable = "README.md"
)

// TestScenariosAreLinked: what the pages on SQL link to exists, and every scenario has its row in
// the table of features.
func TestScenariosAreLinked(t *testing.T) {
	faults, err := unlinked(repoRoot)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

var markdownLink = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`) // of files, not of hosts

// unlinked returns the links of the pages that lead nowhere and the scenarios that the table of
// features does not link.
func unlinked(root string) (faults []string, err error) {
	pages, err := filepath.Glob(filepath.Join(root, sqlPages, "*.md"))
	if err != nil {
		return nil, err
	}
	rows := map[string]bool{}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(page)
		for _, m := range markdownLink.FindAllStringSubmatch(string(text), -1) {
			target := path.Join(sqlPages, m[1])
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				faults = append(faults, fmt.Sprintf("%s/%s links to %s, which is not there", sqlPages,
					name, target))
			}
			if name == featureTable {
				rows[target] = true
			}
		}
	}
	for _, dir := range scenarioDirs {
		files, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if target := path.Join(dir, f.Name()); !rows[target] {
				faults = append(faults, fmt.Sprintf("%s has no row in %s/%s", target, sqlPages,
					featureTable))
			}
		}
	}
	return faults, nil
}

// TestPlantedLinks has a page and scenarios that fit, and breaks them in one place at a time.
func TestPlantedLinks(t *testing.T) {
	const one, two = "stream/streamtest/testdata/scenarios/one", "testnet/abcisim/testdata/sql/two"
	row := func(target string) string { return "| x | [x](../../" + target + ") |\n" }
	both := row(one) + row(two)
	for _, c := range []struct {
		name, page, text string
		want             []string // beginnings of the faults
	}{
		{"all linked", featureTable, both, nil},
		{"other links", featureTable, both + "[a](README.md#x) [b](#y) [c](https://a.example)", nil},
		{"not linked", featureTable, row(one), []string{two + " has no row"}},
		{"linked from elsewhere only", "other.md", row(one), []string{one + " has", two + " has"}},
		{
			"leads nowhere", featureTable, both + row(one+"s"),
			[]string{"docs/sql/README.md links to " + one + "s"},
		},
		{
			"another page leads nowhere", "other.md", "[x](gone.md)",
			[]string{"docs/sql/other.md links to docs/sql/gone.md", one + " has", two + " has"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for _, p := range []string{one, two} {
				plant(t, root, p, "")
			}
			plant(t, root, path.Join(sqlPages, c.page), c.text)
			faults, err := unlinked(root)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(faults, c.want, strings.HasPrefix) {
				t.Errorf("faults = %q, want %q", faults, c.want)
			}
		})
	}
}
