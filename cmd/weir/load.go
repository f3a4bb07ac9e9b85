package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"weir/client"
	"weir/client/api"
	"weir/internal/term"
)

// loadFlags are the flags of weir load.
type loadFlags struct {
	nodes             []string
	key, role, writer string
	batch, inFlight   int
	end               bool
	format            string
}

// loadResult is what weir load prints.
type loadResult struct {
	Relation string  `json:"relation"`
	Writer   string  `json:"writer"`
	Skipped  uint64  `json:"skipped"` // rows that were in already
	Rows     uint64  `json:"rows"`    // rows sent and committed
	Height   int64   `json:"height"`  // block of the last acknowledged batch
	Seconds  float64 `json:"seconds"`
}

func (sh *shell) loadCommand() *cobra.Command {
	var f loadFlags
	cmd := &cobra.Command{
		Use:   "load RELATION FILE",
		Short: "Sign a file's rows and load them into a stream",
		Long: "Loads CSV (with a header line that names the columns) or NDJSON in signed batches.\n" +
			"Each row goes in exactly once: run the same command again after it was cut short,\n" +
			"and it goes on where it was. A lane (role, writer, relation) takes one file.",
		Example: "  weir load flights flights.csv --writer p0 --close\n" +
			"  weir load readings today.ndjson --key meter7 --role meters --writer meter7 --batch 500",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.load(cmd, f, args[0], args[1])
		},
	}
	nodeFlag(cmd, &f.nodes)
	keyFlags(cmd, &f.key, &f.role)
	flags := cmd.Flags()
	flags.StringVar(&f.writer, "writer", "",
		"name of the producer within the role (default: the key's name)")
	flags.IntVar(&f.batch, "batch", client.DefaultBatchRows, "rows in a batch, 1 to 8192")
	flags.IntVar(&f.inFlight, "in-flight", client.DefaultInFlight,
		"batches under way at once, 1 to 16")
	flags.BoolVar(&f.end, "close", false, "say at the end that this producer sends no more")
	flags.StringVar(&f.format, "format", "", "csv or ndjson (default: by the file's name)")
	return cmd
}

func (sh *shell) load(cmd *cobra.Command, f loadFlags, relation, file string) error {
	format, err := loadFormat(f.format, file)
	if err != nil {
		return err
	}
	if f.writer == "" {
		f.writer = f.key
	}
	key, err := sh.loadKey(f.key)
	if err != nil {
		return err
	}
	c, err := client.New(f.nodes...)
	if err != nil {
		return usageError{err}
	}
	defer c.Close()
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	lines, err := countLines(in)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	res := &loadResult{Relation: relation, Writer: f.writer}
	bar := term.NewProgress(sh.err, "rows", lines-min(lines, format.headerLines))
	start := time.Now()
	w, err := c.NewWriter(cmd.Context(), client.WriterConfig{
		Key: key, Role: f.role, Writer: f.writer, Relation: relation, InFlight: f.inFlight,
		Acknowledged: func(r *api.Receipt, rows int) {
			res.Height = max(res.Height, r.Height)
			bar.Add(uint64(rows))
		},
	})
	if err != nil {
		return err
	}
	defer w.Close()
	src, err := format.open(in, w.Schema())
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	res.Rows, err = client.Load(cmd.Context(), w, src, client.LoadConfig{
		BatchRows: f.batch, CloseLane: f.end,
		Skipped: func(rows uint64) {
			res.Skipped = rows
			bar.Add(rows)
		},
	})
	bar.Finish()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	res.Seconds = time.Since(start).Seconds()
	return sh.print(res, func() {
		fmt.Fprintf(sh.out, "%d rows committed by block %d in %.1f s", res.Rows, res.Height, res.Seconds)
		if res.Skipped > 0 {
			fmt.Fprintf(sh.out, "; %d were in already", res.Skipped)
		}
		fmt.Fprintln(sh.out)
	})
}

// fileFormat is a kind of file that can be loaded.
type fileFormat struct {
	headerLines uint64
	open        func(io.Reader, *client.Schema) (client.Source, error)
}

// loadFormat finds the format by its name, or by that of the file.
func loadFormat(name, file string) (fileFormat, error) {
	if name == "" {
		name = filepath.Ext(file)
	}
	switch name {
	case "csv", ".csv":
		return fileFormat{1, client.NewCSV}, nil
	case "ndjson", ".ndjson", ".jsonl":
		return fileFormat{0, func(in io.Reader, s *client.Schema) (client.Source, error) {
			return client.NewNDJSON(in, s), nil
		}}, nil
	}
	return fileFormat{}, usagef("%s is neither CSV nor NDJSON by its name: say --format", file)
}

// countLines counts the lines of a file for the progress bar and rewinds it. A quoted field may
// hold line ends, so this is an estimate.
func countLines(in *os.File) (lines uint64, err error) {
	buf := make([]byte, 256<<10)
	for {
		n, err := in.Read(buf)
		lines += uint64(bytes.Count(buf[:n], []byte("\n")))
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	_, err = in.Seek(0, io.SeekStart)
	return lines, err
}
