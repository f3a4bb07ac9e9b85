package config

import (
	"strings"
	"testing"
)

func TestTextParsesBack(t *testing.T) {
	c := Default()
	c.Name, c.Listen.PG = "node\"7", ""
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
		"nmae = 'x'":                       "unknown settings",
		"name = ''":                        "name has 0 bytes",
		"log_level = 'loud'":               "log_level",
		"[listen]\npg = '9347'":            "not host:port",
		"[listen]\nhttp = 'x:0'":           "port",
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
