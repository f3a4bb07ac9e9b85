package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"weir/client"
	"weir/client/api"
)

// The exit statuses.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// The values of --output.
const (
	outputText = "text"
	outputJSON = "json"
)

// defaultNode is where a node on this machine answers.
const defaultNode = "http://127.0.0.1:9348"

// usageError is a command line that asks for nothing that can be done.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }

// usagef makes a usageError.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// silent is a failure that has been told already.
type silent struct{ error }

// shell is what every command has at hand.
type shell struct {
	in       io.Reader
	out, err io.Writer
	output   string
	home     string
	parts    assembly
	began    bool // the command line was understood and the command has begun
}

// run executes one command line and returns its exit status.
func run(
	ctx context.Context, args []string, in io.Reader, out, errOut io.Writer, parts assembly,
) int {
	sh := &shell{in: in, out: out, err: errOut, parts: parts}
	root := sh.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	var usage usageError
	if errors.As(err, &usage) || !sh.began {
		fmt.Fprintf(errOut, "weir: %v\n\nUsage: %s\nSee %s --help\n", err, cmd.UseLine(),
			cmd.CommandPath())
		return exitUsage
	}
	if !errors.As(err, &silent{}) {
		sh.printError(err)
	}
	return exitFailed
}

// root builds the tree of commands.
func (sh *shell) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "weir",
		Short: "streaming SQL whose answers carry their own proof",
		Long: "Weir keeps SQL views over signed events up to date on several validators at once.\n" +
			"Every answer can be proven, and the proof checked offline by anyone.",
		Example:       "  weir demo\n  weir dev\n  weir verify answer.weir --trust genesis.json",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if sh.output != outputText && sh.output != outputJSON {
				return usagef("--output is %s or %s, not %q", outputText, outputJSON, sh.output)
			}
			sh.began = true
			return nil
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVar(&sh.output, "output", outputText, "how to print: text or json")
	flags.StringVar(&sh.home, "home", defaultHome(), "directory of configuration, keys and data")
	root.AddCommand(
		sh.demoCommand(), sh.devCommand(), sh.initCommand(), sh.joinCommand(), sh.startCommand(),
		sh.statusCommand(), sh.testnetCommand(), sh.keysCommand(), sh.sqlCommand(),
		sh.loadCommand(), sh.proveCommand(), sh.verifyCommand(), sh.benchCommand(),
		sh.backupCommand(), sh.restoreCommand(), sh.versionCommand(), sh.fsckCommand(),
		sh.diffStateCommand(), sh.rollbackCommand(),
		sh.auditCommand(), sh.pruneCommand(), sh.doctorCommand(),
	)
	return root
}

// defaultHome is ~/.weir, shown as such in help so that help is the same for everyone.
func defaultHome() string { return "~/.weir" }

// homeDir resolves --home.
func (sh *shell) homeDir() (string, error) {
	if sh.home != defaultHome() {
		return filepath.Abs(sh.home)
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home directory: %w", err)
	}
	return filepath.Join(user, ".weir"), nil
}

// json reports whether to print JSON.
func (sh *shell) json() bool { return sh.output == outputJSON }

// print writes v as JSON, or runs text.
func (sh *shell) print(v any, text func()) error {
	if !sh.json() {
		text()
		return nil
	}
	enc := json.NewEncoder(sh.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printError tells why a command failed.
func (sh *shell) printError(err error) {
	if !sh.json() {
		fmt.Fprintf(sh.err, "weir: %v\n", err)
		return
	}
	e := &api.Error{SQLState: "58000", Message: err.Error()}
	errors.As(err, &e)
	_ = json.NewEncoder(sh.err).Encode(e) // there is nobody else to tell
}

// nodeFlag adds --node.
func nodeFlag(cmd *cobra.Command, to *[]string) {
	cmd.Flags().StringSliceVar(to, "node", []string{defaultNode},
		"URL of a node; several are tried in turn")
}

// keyFlags adds --key and --role.
func keyFlags(cmd *cobra.Command, key, role *string) {
	cmd.Flags().StringVar(key, "key", "weir", "name of the key that signs, from the home's keys")
	cmd.Flags().StringVar(role, "role", "weir", "role in whose name the key signs")
}

// loadKey reads a key of the home.
func (sh *shell) loadKey(name string) (*client.Key, error) {
	home, err := sh.homeDir()
	if err != nil {
		return nil, err
	}
	return client.HomeKeys(home).Load(name)
}
