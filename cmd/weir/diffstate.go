package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/term"
	"weir/node/home"
)

func (sh *shell) diffStateCommand() *cobra.Command {
	heights, most := "", 1
	cmd := &cobra.Command{
		Use:   "diff-state HOME [HOME]",
		Short: "Name the first key in which two ledgers differ",
		Long: "Compares the ledgers of two homes, or one ledger at two heights. It compares hashes\n" +
			"from the top down and looks only into what differs. Both heights must lie in the\n" +
			"window that the homes keep; without --height it is the newest checkpoint of the home\n" +
			"that is behind. Exit status 0 means that the ledgers are equal.\n" +
			besideHelp,
		Example: "  weir diff-state /srv/weir /srv/other\n" +
			"  weir diff-state /srv/weir /srv/other --height 1200\n" +
			"  weir diff-state /srv/weir --height 1200,1250",
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, b, err := parseHeights(heights)
			if err != nil {
				return err
			}
			if most < 1 {
				return usagef("--most is at least 1")
			}
			if len(args) == 1 && a == b {
				return usagef("one home is compared at two heights: --height A,B")
			}
			var dirs []string
			for _, arg := range args {
				dir, err := filepath.Abs(arg)
				if err != nil {
					return err
				}
				dirs = append(dirs, dir)
			}
			return sh.beside(cmd.Context(), dirs[0], func(first string) error {
				if len(dirs) == 1 || dirs[0] == dirs[1] {
					return sh.diffState(first, first, a, b, most)
				}
				return sh.beside(cmd.Context(), dirs[1], func(second string) error {
					return sh.diffState(first, second, a, b, most)
				})
			})
		},
	}
	cmd.Flags().StringVar(&heights, "height", "", "height of both, or HEIGHT,HEIGHT")
	cmd.Flags().IntVar(&most, "most", most, "how many keys of each unit to name")
	return cmd
}

func (sh *shell) diffState(first, second string, a, b uint64, most int) error {
	r, err := home.Differ(first, second, a, b, most)
	if err != nil {
		return err
	}
	if err := sh.print(r, func() { sh.printDiff(r) }); err != nil {
		return err
	}
	if r.AppHashA != r.AppHashB {
		return silent{errors.New("the ledgers differ")}
	}
	return nil
}

// parseHeights reads one height for both sides, or one for each.
func parseHeights(text string) (a, b uint64, err error) {
	if text == "" {
		return 0, 0, nil
	}
	first, second, two := strings.Cut(text, ",")
	if !two {
		second = first
	}
	a, err1 := strconv.ParseUint(first, 10, 63)
	b, err2 := strconv.ParseUint(second, 10, 63)
	if err1 != nil || err2 != nil || a == 0 || b == 0 {
		return 0, 0, usagef("--height is HEIGHT or HEIGHT,HEIGHT, not %q", text)
	}
	return a, b, nil
}

func (sh *shell) printDiff(r *home.DiffReport) {
	fmt.Fprintf(sh.out, "A: height %d, app hash %s\nB: height %d, app hash %s\n", r.HeightA,
		r.AppHashA, r.HeightB, r.AppHashB)
	if r.AppHashA == r.AppHashB {
		fmt.Fprintln(sh.out, "equal")
	}
	for _, d := range r.Differences {
		fmt.Fprintf(sh.out, "%s", term.Printable(d.Unit))
		if d.Key != "" {
			fmt.Fprintf(sh.out, ", key %s", d.Key)
		}
		if d.Note != "" {
			fmt.Fprintf(sh.out, ": %s", d.Note)
		}
		fmt.Fprintln(sh.out)
		if d.A == nil && d.B == nil {
			continue
		}
		for _, side := range []struct {
			name string
			text *string
		}{{"A", d.A}, {"B", d.B}} {
			text := "nothing"
			if side.text != nil {
				text = term.Printable(*side.text)
			}
			fmt.Fprintf(sh.out, "  %s: %s\n", side.name, text)
		}
	}
}
