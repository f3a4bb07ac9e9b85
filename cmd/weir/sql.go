package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weir/client"
	"weir/client/api"
	"weir/internal/term"
)

// sqlFlags are the flags of weir sql.
type sqlFlags struct {
	nodes     []string
	command   string
	key, role string
}

func (sh *shell) sqlCommand() *cobra.Command {
	var f sqlFlags
	cmd := &cobra.Command{
		Use:   "sql",
		Short: "Run SQL, signing with your own key",
		Long: "Runs statements one after the other: -c gives them, otherwise they are read from\n" +
			"standard input. What only reads is answered at the node's last block; everything\n" +
			"else is signed with --key and returns once its block is committed.",
		Example: "  weir sql -c \"SELECT * FROM routes ORDER BY flights DESC LIMIT 5\"\n" +
			"  weir sql --key alice --role ops < schema.sql",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text := f.command
			if !cmd.Flags().Changed("command") {
				b, err := io.ReadAll(sh.in)
				if err != nil {
					return fmt.Errorf("read the statements: %w", err)
				}
				text = string(b)
			}
			statements := splitSQL(text)
			if len(statements) == 0 {
				return usagef("there is no statement to run")
			}
			return sh.runSQL(cmd, f, statements)
		},
	}
	nodeFlag(cmd, &f.nodes)
	keyFlags(cmd, &f.key, &f.role)
	cmd.Flags().StringVarP(&f.command, "command", "c", "", "the statements to run")
	return cmd
}

// runSQL runs the statements in order and stops at the first that fails.
func (sh *shell) runSQL(cmd *cobra.Command, f sqlFlags, statements []string) error {
	c, err := client.New(f.nodes...)
	if err != nil {
		return usageError{err}
	}
	defer c.Close()
	var signer *client.Signer
	for _, s := range statements {
		if readsOnly(s) {
			res, err := c.Query(cmd.Context(), s)
			if err != nil {
				return err
			}
			if err := sh.print(res, func() { printResult(sh.out, res) }); err != nil {
				return err
			}
			continue
		}
		if signer == nil {
			key, err := sh.loadKey(f.key)
			if err != nil {
				return err
			}
			if signer, err = c.NewSigner(cmd.Context(), key, f.role); err != nil {
				return err
			}
		}
		r, err := signer.Exec(cmd.Context(), s)
		if err != nil {
			return err
		}
		if err := sh.print(r, func() {
			fmt.Fprintf(sh.out, "%s: committed in block %d\n", verb(s), r.Height)
		}); err != nil {
			return err
		}
	}
	return nil
}

// printResult writes an answer as psql does.
func printResult(out io.Writer, res *api.Result) {
	header, right := make([]string, len(res.Columns)), make([]bool, len(res.Columns))
	for i, c := range res.Columns {
		header[i], right[i] = c.Name, isNumber(c.Type)
	}
	rows := make([][]string, len(res.Rows))
	for i, r := range res.Rows {
		rows[i] = make([]string, len(header))
		for j, v := range r {
			if v != nil {
				rows[i][j] = *v
			}
		}
	}
	term.Table(out, header, rows, right)
	for _, n := range res.Notices {
		fmt.Fprintf(out, "NOTICE: %s\n", n)
	}
	fmt.Fprintf(out, "(%s, as of block %d)\n", count(len(rows), "row"), res.Height)
}

// count says n things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// isNumber reports whether values of a type are aligned at their right end.
func isNumber(sqlType string) bool {
	name, _, _ := strings.Cut(sqlType, "(")
	switch name {
	case "smallint", "integer", "bigint", "numeric", "real", "double precision":
		return true
	}
	return false
}

// verb returns a statement's first word, in capitals.
func verb(statement string) string {
	f := strings.Fields(statement)
	if len(f) == 0 {
		return ""
	}
	return strings.ToUpper(f[0])
}

// readsOnly reports whether a statement is a query. The node checks it again.
func readsOnly(statement string) bool {
	switch verb(strings.TrimLeft(statement, "( \t\r\n")) {
	case "SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN":
		return true
	}
	return false
}
