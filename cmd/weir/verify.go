package main

import (
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"weir/client/api"
	"weir/internal/term"
)

// verifyOptions say what a verifier takes for granted.
type verifyOptions struct {
	genesis []byte        // the exact bytes of the trusted genesis.json, or nil and
	header  string        // the trusted header, HEIGHT:HASH
	maxAge  time.Duration // 0: any age
	now     time.Time
}

// verdict is what evidence proves.
type verdict struct {
	SQL    string     `json:"sql"`
	Answer api.Result `json:"answer"`
	// ReliedOn are sentences: the trust root, the header, the validator sets, what must hold.
	ReliedOn []string `json:"relied_on"`
	// Errors is how many rows the answer's views set aside as erroneous.
	Errors uint64 `json:"errors"`
	// CompleteFrom are sentences about views that were made from what streams had kept; none: all
	// that the answer is made of was there from the start.
	CompleteFrom []string `json:"complete_from,omitempty"`
	// Through are the indexes that rows were read through, each with the statement that made it.
	Through []string `json:"through,omitempty"`
	// Consistency are sentences about a stream, instead of SQL and an answer.
	Consistency []string `json:"consistency,omitempty"`
}

// trustedHeader is the form of --trust that names a header.
var trustedHeader = regexp.MustCompile(`^[0-9]+:[0-9a-fA-F]{64}$`)

// verifyFunc checks evidence. An error says why it proves nothing.
type verifyFunc func(evidence []byte, o verifyOptions) (*verdict, error)

func (sh *shell) verifyCommand() *cobra.Command {
	var trust string
	var maxAge time.Duration
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check an evidence file offline and print the answer that it proves",
		Long: "Checks the evidence with nothing but the genesis file that you trust: no node, no\n" +
			"network. Exit status 0 means that the printed answer is proven, complete and to the\n" +
			"row; 1 that the file proves nothing.",
		Example: "  weir verify atl.weir --trust genesis.json\n" +
			"  weir verify atl.weir --trust genesis.json --max-age 1h --output json",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if trust == "" {
				return usagef("--trust names the genesis file, or HEIGHT:HASH, that you trust")
			}
			o := verifyOptions{maxAge: maxAge, now: time.Now()}
			if trustedHeader.MatchString(trust) {
				o.header = trust
			} else {
				var err error
				if o.genesis, err = os.ReadFile(trust); err != nil {
					return err
				}
			}
			evidence, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			v, err := sh.parts.verify(evidence, o)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return sh.print(v, func() { sh.printVerdict(v) })
		},
	}
	cmd.Flags().StringVar(&trust, "trust", "",
		"the genesis.json that you trust, or HEIGHT:HASH of a header")
	cmd.Flags().DurationVar(&maxAge, "max-age", 0, "refuse answers older than this (0: any age)")
	return cmd
}

// printVerdict writes what was proven for people.
func (sh *shell) printVerdict(v *verdict) {
	for _, s := range v.Consistency {
		fmt.Fprintln(sh.out, term.Printable(s))
	}
	if v.Consistency == nil {
		fmt.Fprintf(sh.out, "%s\n\n", term.Printable(v.SQL))
		printResult(sh.out, &v.Answer)
	}
	if v.Errors > 0 {
		fmt.Fprintf(sh.out, "%d erroneous rows stand aside in error relations\n", v.Errors)
	}
	for _, s := range v.Through {
		fmt.Fprintf(sh.out, "read through index %s\n", term.Printable(s))
	}
	for _, s := range v.CompleteFrom {
		fmt.Fprintf(sh.out, "complete from: %s\n", term.Printable(s))
	}
	fmt.Fprintln(sh.out, "\nproven, relying on:")
	for _, s := range v.ReliedOn {
		fmt.Fprintf(sh.out, "  - %s\n", term.Printable(s))
	}
}
