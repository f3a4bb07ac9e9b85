package term

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	var out bytes.Buffer
	Table(&out, []string{"origin", "flights"}, [][]string{{"ATL", "1021"}, {"é", "7"}},
		[]bool{false, true})
	want := " origin | flights\n--------+---------\n ATL    |    1021\n é      |       7\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestProgressLine(t *testing.T) {
	p := NewProgress(new(bytes.Buffer), "rows", 200)
	p.Add(50)
	got := p.line(p.start.Add(2 * time.Second))
	if !strings.HasPrefix(got, "  [#######  ") ||
		!strings.HasSuffix(got, "25%  50/200 rows  25/s") {
		t.Errorf("got %q", got)
	}
}

// A bar that is no terminal writes whole lines and ends with the full amount.
func TestProgressWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, "rows", 2)
	p.Add(1)
	p.Add(1)
	p.Finish()
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "2/2 rows") {
		t.Errorf("got %q", got)
	}
}

func TestProgressOfNothing(t *testing.T) {
	p := NewProgress(new(bytes.Buffer), "rows", 0)
	if got := p.line(p.start); !strings.Contains(got, "100%") {
		t.Errorf("got %q", got)
	}
}

// What comes from elsewhere cannot steer the terminal.
func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "naïve": "naïve", "a\x1b[2Jb\r\n": `a\x1B[2Jb\x0D\n`, "\u009b": `\x9B`,
	} {
		if got := Printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
