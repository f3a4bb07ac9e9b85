package detcheck

import (
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const (
	waiverPrefix   = "//weir:"
	minReasonBytes = 10 // shorter than this says nothing
)

// waiver is one comment and whether it has waived a finding.
type waiver struct {
	at   token.Pos
	word word
	used bool
}

// waivers holds the waivers of a package by the line that they are about: the line after the
// comment, or after the group of comments that it stands in.
type waivers map[token.Position][]*waiver

// collect takes in the waivers of a file and reports those that are not well formed.
func (ws waivers) collect(pass *analysis.Pass, f *ast.File) {
	for _, group := range f.Comments {
		line := lineOf(pass.Fset.Position(group.End()))
		line.Line++
		for _, c := range group.List {
			rest, ok := strings.CutPrefix(c.Text, waiverPrefix)
			if !ok {
				continue
			}
			name, reason, _ := strings.Cut(rest, " ")
			w := word(name)
			switch {
			case w.advice() == "":
				pass.Reportf(c.Pos(), "unknown waiver %q", name)
			case len(strings.TrimSpace(reason)) < minReasonBytes:
				pass.Reportf(c.Pos(), "waiver %q gives no reason", name)
			default:
				ws[line] = append(ws[line], &waiver{at: c.Pos(), word: w})
			}
		}
	}
}

// cover reports whether a finding at p is waived, and marks the waiver as used.
func (ws waivers) cover(p token.Position, w word) bool {
	covered := false
	for _, v := range ws[lineOf(p)] {
		if v.word == w {
			v.used, covered = true, true
		}
	}
	return covered
}

// reportUnused reports the waivers that waived nothing: what they excused is gone, or they stand
// on another line than the one before it.
func (ws waivers) reportUnused(pass *analysis.Pass) {
	for _, list := range ws {
		for _, v := range list {
			if !v.used {
				pass.Reportf(v.at, "waiver %q waives nothing on the line after it", v.word)
			}
		}
	}
}

func lineOf(p token.Position) token.Position {
	return token.Position{Filename: p.Filename, Line: p.Line}
}
