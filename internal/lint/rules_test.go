package lint

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
)

// module is the import prefix of the packages that layers.txt talks about.
const module = "weir/"

// pureStd is all of the standard library that a pure package may touch.
var pureStd = strings.Fields(`bytes cmp crypto/md5 crypto/sha256 crypto/sha512
	embed encoding/binary errors fmt iter
	maps math math/big math/bits slices strconv strings unicode/utf8`)

// rule is one line of layers.txt.
type rule struct {
	pkg   string   // package path inside the module, or "dir/..." for a subtree
	pure  bool     // may import only pureStd and other pure packages
	allow []string // packages of the module that it may import
}

// parseRules reads layers.txt. A rule may allow only packages on earlier
// lines, so the order of the file is the floor order and no cycle can be
// written down.
func parseRules(text string) ([]rule, error) {
	var rules []rule
	sc := bufio.NewScanner(strings.NewReader(text))
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		head, tail, _ := strings.Cut(line, ":")
		h := strings.Fields(head)
		r := rule{
			pkg:   h[0],
			pure:  len(h) > 1 && h[1] == "pure",
			allow: strings.Fields(tail),
		}
		for _, a := range r.allow {
			below, ok := findRule(rules, a)
			if !ok {
				return nil, fmt.Errorf("%s may import %s, which is not on an earlier line",
					r.pkg, a)
			}
			if r.pure && !below.pure {
				return nil, fmt.Errorf("pure %s may not stand on impure %s", r.pkg, a)
			}
		}
		rules = append(rules, r)
	}
	return rules, sc.Err()
}

// findRule returns the most specific rule that covers pkg.
func findRule(rules []rule, pkg string) (best rule, ok bool) {
	for _, r := range rules {
		if covers([]string{r.pkg}, pkg) && len(r.pkg) > len(best.pkg) {
			best, ok = r, true
		}
	}
	return best, ok
}

// covers reports whether one of the patterns names pkg.
func covers(patterns []string, pkg string) bool {
	for _, p := range patterns {
		dir, sub := strings.CutSuffix(p, "/...")
		if pkg == p || sub && (pkg == dir || strings.HasPrefix(pkg, dir+"/")) {
			return true
		}
	}
	return false
}

// judge returns every breach of the rules by the packages, and every rule
// that names no package.
func judge(rules []rule, pkgs []pkg) (faults []string) {
	seen := map[string]bool{}
	for _, p := range pkgs {
		r, ok := findRule(rules, p.path)
		if !ok {
			faults = append(faults, p.path+": not in layers.txt; give it a floor")
			continue
		}
		seen[r.pkg] = true
		for _, imp := range p.imports {
			own, isOwn := strings.CutPrefix(imp, module)
			switch {
			case isOwn && !covers(r.allow, own) && !covers([]string{r.pkg}, own):
				faults = append(faults, fmt.Sprintf("%s imports %s: it may import only %v",
					p.path, own, r.allow))
			case !isOwn && r.pure && !slices.Contains(pureStd, imp):
				faults = append(faults, fmt.Sprintf("%s imports %s: pure packages take only %v",
					p.path, imp, pureStd))
			}
		}
	}
	for _, r := range rules {
		if !seen[r.pkg] {
			faults = append(faults, "layers.txt names "+r.pkg+", which does not exist")
		}
	}
	return faults
}
