package config

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// Ports of the first node; node i of a local network has each 10 * i higher.
const (
	PortPG      = 9347
	PortHTTP    = 9348
	PortMetrics = 9349
)

// MaxNameBytes is the longest name of a node: its gateway's writer name must fit its limit.
const MaxNameBytes = 61

// MaxFileBytes is the largest weir.toml that is read.
const MaxFileBytes = 64 << 10

// Config is weir.toml.
type Config struct {
	// Name is the node's name: its moniker, and its gateway's name in genesis.
	Name string `toml:"name"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `toml:"log_level"`
	Listen   Listen `toml:"listen"`
	PG       PG     `toml:"pg"`
	Ledger   Ledger `toml:"ledger"`
}

// Listen are the addresses that servers open, host:port; empty ones are not opened.
type Listen struct {
	PG   string `toml:"pg"`
	HTTP string `toml:"http"`
}

// Default is the configuration of a node that listens on loopback.
func Default() Config {
	return Config{
		Name: "node0", LogLevel: "info",
		Listen: Listen{PG: loopback(PortPG), HTTP: loopback(PortHTTP)},
		PG:     DefaultPG(),
		Ledger: DefaultLedger(),
	}
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// Path is where weir.toml lies in a home.
func Path(home string) string { return filepath.Join(home, "config", "weir.toml") }

// Load reads a home's weir.toml.
func Load(home string) (Config, error) {
	b, err := os.ReadFile(Path(home))
	if err != nil {
		return Config{}, fmt.Errorf("reading the node's configuration: %w", err)
	}
	c, err := Parse(b)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", Path(home), err)
	}
	return c, nil
}

// Parse reads a configuration; what it leaves out has its default.
func Parse(b []byte) (Config, error) {
	if len(b) > MaxFileBytes {
		return Config{}, fmt.Errorf("the file has %d bytes, more than %d", len(b), MaxFileBytes)
	}
	c := Default()
	if err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&c); err != nil {
		if e, ok := errors.AsType[*toml.StrictMissingError](err); ok {
			return Config{}, fmt.Errorf("unknown settings:\n%s", e.String())
		}
		return Config{}, err
	}
	return c, c.check()
}

func (c *Config) check() error {
	if c.Name == "" || len(c.Name) > MaxNameBytes {
		return fmt.Errorf("name has %d bytes, not 1 to %d", len(c.Name), MaxNameBytes)
	}
	switch c.LogLevel {
	case "debug", "info", "warn", "error":
	default:
		return fmt.Errorf("log_level is %q, not debug, info, warn or error", c.LogLevel)
	}
	for what, addr := range map[string]string{"pg": c.Listen.PG, "http": c.Listen.HTTP} {
		if addr == "" {
			continue
		}
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return fmt.Errorf("listen.%s is %q, not host:port", what, addr)
		}
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("listen.%s has port %q, not 1 to 65535", what, port)
		}
	}
	if err := c.Ledger.check(); err != nil {
		return err
	}
	return c.PG.check()
}

// Text writes the configuration with a comment for each setting.
func (c *Config) Text() string {
	var b strings.Builder
	set := func(comment, key string, value any) {
		switch v := value.(type) {
		case string:
			value = strconv.Quote(v)
		case Duration:
			value = strconv.Quote(time.Duration(v).String())
		}
		fmt.Fprintf(&b, "# %s\n%s = %v\n\n", comment, key, value)
	}
	set("The node's name, which is its gateway's name in genesis.json.", "name", c.Name)
	set("debug, info, warn or error.", "log_level", c.LogLevel)
	b.WriteString("[listen]\n")
	set("PostgreSQL wire. Empty: not served.", "pg", c.Listen.PG)
	set("HTTP API. Empty: not served.", "http", c.Listen.HTTP)
	b.WriteString("# What clients of the PostgreSQL wire can make this node hold.\n[pg]\n")
	set("Sessions at a time.", "connections", c.PG.Connections)
	set("The largest message, a query's text included.", "message_bytes", c.PG.MessageBytes)
	set("Prepared statements of one session.", "statements", c.PG.Statements)
	set("Portals (open cursors of the protocol) of one session.", "portals", c.PG.Portals)
	set("From connecting to a finished startup.", "startup_timeout", c.PG.StartupTimeout)
	set("From the first to the last byte of a message.", "message_timeout", c.PG.MessageTimeout)
	set("Between two messages. 0s: no limit.", "idle_timeout", c.PG.IdleTimeout)
	set("For a client to take one write of about 64 KiB.", "write_timeout", c.PG.WriteTimeout)
	b.WriteString("# What this node keeps of the past, and memory for pages.\n[ledger]\n")
	set("Heights below the last checkpoint that AS OF HEIGHT can ask for.", "history_blocks",
		c.Ledger.HistoryBlocks)
	set("Memory for pages of stored relations, in MiB.", "cache_mib", c.Ledger.CacheMiB)
	set("Heights between two snapshots for nodes that join, the same at all nodes. 0: none.",
		"snapshot_blocks", c.Ledger.SnapshotBlocks)
	set("Copies of this home at a time, for commands that run beside the node.", "frozen_copies",
		c.Ledger.FrozenCopies)
	return strings.TrimSuffix(b.String(), "\n")
}

// Write writes a home's weir.toml.
func (c *Config) Write(home string) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(Path(home)), 0o700); err != nil {
		return fmt.Errorf("writing the node's configuration: %w", err)
	}
	if err := os.WriteFile(Path(home), []byte(c.Text()), 0o600); err != nil {
		return fmt.Errorf("writing the node's configuration: %w", err)
	}
	return nil
}
