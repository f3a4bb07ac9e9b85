package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTextParsesBack(t *testing.T) {
	c := Default()
	c.Name, c.Listen.PG = "node\"7", ""
	c.PG.Connections, c.PG.IdleTimeout = 7, Duration(90*time.Second)
	got, err := Parse([]byte(c.Text()))
	if err != nil || got != c {
		t.Errorf("got %+v, %v, want %+v", got, err, c)
	}
	home := t.TempDir()
	if err := c.Write(home); err != nil {
		t.Fatal(err)
	}
	if got, err := Load(home); err != nil || got != c {
		t.Errorf("loaded %+v, %v", got, err)
	}
}

func TestDefaultsAndRefusals(t *testing.T) {
	if c, err := Parse(nil); err != nil || c != Default() {
		t.Errorf("an empty file gives %+v, %v", c, err)
	}
	for text, want := range map[string]string{
		"nmae = 'x'":                     "unknown settings",
		"name = ''":                      "name has 0 bytes",
		"log_level = 'loud'":             "log_level",
		"[ledger]\ncache_mib = 0":        "ledger.cache_mib",
		"[ledger]\ncache_mib = 1048577":  "ledger.cache_mib",
		"[ledger]\nfrozen_copies = 0":    "ledger.frozen_copies",
		"[ledger]\nfrozen_copies = 65":   "ledger.frozen_copies",
		"[ledger]\nhistory_blocks = -1":  "negative",
		"[ledger]\nsnapshot_blocks = -1": "negative",
		fmt.Sprintf("[ledger]\nsnapshot_blocks = %d", uint64(MaxSnapshotBlocks+1)): "snapshot_bl",
		"[listen]\npg = '9347'":            "not host:port",
		"[listen]\nhttp = 'x:0'":           "port",
		"[pg]\nconnection = 1":             "unknown settings",
		"[pg]\nidle_timeout = 'soon'":      "invalid duration",
		"[pg]\nidle_timeout = '-1s'":       "pg.idle_timeout",
		"[pg]\nwrite_timeout = '0s'":       "pg.write_timeout",
		"[pg]\nstartup_timeout = '0s'":     "pg.startup_timeout",
		"[pg]\nmessage_timeout = '0s'":     "pg.message_timeout",
		"name = 'a'\nname = 'b'":           "",
		"name = " + strings.Repeat("x", 9): "",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}

func TestLimits(t *testing.T) {
	name := func(n int) error {
		_, err := Parse([]byte("name = '" + strings.Repeat("n", n) + "'"))
		return err
	}
	if name(MaxNameBytes) != nil || name(MaxNameBytes+1) == nil {
		t.Error("the limit of the name does not hold at n and n+1")
	}
	file := func(n int) error {
		_, err := Parse([]byte("#" + strings.Repeat(" ", n-1)))
		return err
	}
	if file(MaxFileBytes) != nil || file(MaxFileBytes+1) == nil {
		t.Error("the limit of the file does not hold at n and n+1")
	}
	copies := func(n int) error {
		_, err := Parse(fmt.Appendf(nil, "[ledger]\nfrozen_copies = %d", n))
		return err
	}
	if copies(0) == nil || copies(1) != nil || copies(MaxFrozenCopies) != nil ||
		copies(MaxFrozenCopies+1) == nil {
		t.Error("the limits of frozen copies do not hold at n and n+1")
	}
	for setting, bounds := range map[string][2]int{
		"connections":   {1, MaxConnections},
		"message_bytes": {MinMessageBytes, MaxMessageBytes},
		"statements":    {1, MaxPerSession},
		"portals":       {1, MaxPerSession},
	} {
		for v, good := range map[int]bool{
			bounds[0] - 1: false, bounds[0]: true, bounds[1]: true, bounds[1] + 1: false,
		} {
			_, err := Parse(fmt.Appendf(nil, "[pg]\n%s = %d", setting, v))
			if (err == nil) != good {
				t.Errorf("%s = %d: %v", setting, v, err)
			}
		}
	}
	for _, setting := range []string{
		"startup_timeout", "message_timeout", "idle_timeout", "write_timeout",
	} {
		for text, good := range map[string]bool{"24h": true, "24h0m0.000000001s": false} {
			_, err := Parse(fmt.Appendf(nil, "[pg]\n%s = '%s'", setting, text))
			if (err == nil) != good {
				t.Errorf("%s = %s: %v", setting, text, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	c := Default()
	f.Add([]byte(c.Text()))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			return
		}
		if again, err := Parse([]byte(c.Text())); err != nil || again != c {
			t.Fatalf("%q does not parse back: %v", c.Text(), err)
		}
	})
}
