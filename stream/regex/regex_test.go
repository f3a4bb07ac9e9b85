package regex_test

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/stream/regex"
	"weir/stream/value"
)

func compile(t *testing.T, pattern string) *regex.Regexp {
	t.Helper()
	re, err := regex.Compile(pattern, "")
	if err != nil {
		t.Fatalf("%q: %v", pattern, err)
	}
	return re
}

// TestFind: places of matches and groups that tell preferences apart; PostgreSQL's answers.
func TestFind(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          []int
	}{
		{"(a|ab)(c|bcd)(d*)", "abcd", []int{0, 4, 0, 2, 2, 3, 3, 4}},
		{"(.*?)(\\d+)", "abc01234xyz", []int{0, 4, 0, 3, 3, 4}},
		{"(?:(.*?)(\\d+)(.*)){1,1}", "abc01234xyz", []int{0, 11, 0, 3, 3, 8, 8, 11}},
		{"(a*)*", "aab", []int{0, 2, 0, 2}},
		{"x|(y)", "yx", []int{0, 1, 0, 1}},
		{"b", "a漢b", []int{4, 5}},
		{"z", "a", nil},
	} {
		loc, err := compile(t, c.pattern).Matcher().Find(c.text, 0)
		if err != nil || !slices.Equal(loc, c.want) {
			t.Errorf("%q in %q: %v, %v, want %v", c.pattern, c.text, loc, err, c.want)
		}
	}
}

// TestLimits: each limit holds at n and refuses n + 1.
func TestLimits(t *testing.T) {
	a := strings.Repeat("a", regex.MaxPattern)
	for pattern, state := range map[string]string{
		a: "", a + "a": value.StateTooLarge,
		"(?:a{100}){99}": "", "(?:a{100}){101}": value.StateTooLarge,
		strings.Repeat("(", 99) + strings.Repeat(")", 99):   "",
		strings.Repeat("(", 100) + strings.Repeat(")", 100): value.StateTooDeep,
		"a{255}": "", "a{256}": "2201B",
	} {
		_, err := regex.Compile(pattern, "")
		if err == nil && state != "" || err != nil && err.SQLState != state {
			t.Errorf("%.20q: %v, want %q", pattern, err, state)
		}
	}
}

// TestUnknownClassInTheMiddle: a class that is none, with more of the pattern behind it, sent the
// parser beyond the end, where it panicked.
func TestUnknownClassInTheMiddle(t *testing.T) {
	for _, pattern := range []string{"[[::]", "[[:nothing:]]|a", "[[::][:alpha:]]x"} {
		_, err := regex.Compile(pattern, "")
		if err == nil || err.SQLState != "2201B" {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

// TestBombs finds the size at which a pattern that grows without end is refused: what is one
// smaller works, within the limit and close to it.
func TestBombs(t *testing.T) {
	state := func(err *value.Error) string {
		if err == nil {
			return ""
		}
		return err.SQLState
	}
	program := func(n int) string { return fmt.Sprintf("(?:a{100}){99}a{%d}", n) }
	n := sort.Search(255, func(n int) bool { return refuses(program(n)) })
	_, fits := regex.Compile(program(n-1), "")
	_, beyond := regex.Compile(program(n), "")
	if n == 0 || fits != nil || state(beyond) != value.StateTooLarge {
		t.Errorf("programs: %d: %v, %d: %v", n-1, fits, n, beyond)
	}
	for _, pattern := range []string{
		"(?:a?){200}b", "(a*)*b", "(?:a|aa)+b", "(?:x+x+)+y|(?:a?){90}b",
	} {
		m := compile(t, pattern).Matcher()
		fails := func(n int) bool {
			_, err := m.Match(strings.Repeat("a", n))
			return err != nil
		}
		n := sort.Search(1<<20, fails)
		_, fits := m.Match(strings.Repeat("a", n-1))
		cost := m.Steps()
		_, beyond := m.Match(strings.Repeat("a", n))
		if fits != nil || state(beyond) != value.StateTooLarge || cost > regex.MaxSteps ||
			cost < regex.MaxSteps-regex.MaxSteps/100 {
			t.Errorf("%q: %d: %v, %d steps; %d: %v", pattern, n-1, fits, cost, n, beyond)
		}
	}
}

func refuses(pattern string) bool {
	_, err := regex.Compile(pattern, "")
	return err != nil
}

// FuzzCompile: no pattern and text break the engine, groups lie within the match, and Match and
// Find agree.
func FuzzCompile(f *testing.F) {
	f.Add("(a|ab)(c|bcd)*?", "abcd", "i")
	f.Add(`[[:alpha:]\d-]{2,3}\m$`, "a1-\n", "n")
	f.Add(`\x41\u0042\103(?:)+`, "ABC", "x")
	f.Fuzz(func(t *testing.T, pattern, text, flags string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(text) > 300 {
			return
		}
		re, err := regex.Compile(pattern, flags)
		if err != nil {
			return
		}
		m := re.Matcher()
		found, err1 := m.Match(text)
		loc, err2 := m.Find(text, 0)
		if err1 != nil || err2 != nil {
			return
		}
		if found != (loc != nil) {
			t.Fatalf("%q in %q: match %v, found at %v", pattern, text, found, loc)
		}
		for i := 2; i < len(loc); i += 2 {
			if loc[i] >= 0 && (loc[i] < loc[0] || loc[i+1] < loc[i] || loc[i+1] > loc[1]) {
				t.Fatalf("%q in %q: %v", pattern, text, loc)
			}
		}
	})
}

// FuzzFromSimilar: what it makes of a pattern is a pattern, unless the parts within are faulty.
func FuzzFromSimilar(f *testing.F) {
	f.Add(`%#"b_#"%`, "#")
	f.Fuzz(func(t *testing.T, pattern, escape string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(escape) {
			return
		}
		s, err := regex.FromSimilar(pattern, escape)
		if err == nil && !(strings.HasPrefix(s, "^(?:") && strings.HasSuffix(s, ")$")) {
			t.Fatalf("%q becomes %q", pattern, s)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	text := "2024-01-02T03:04:05Z GET /flights/LH1234?day=17 200 1532 ms"
	for _, pattern := range []string{"flights", `/flights/[A-Z]{2}\d+`, `\d+ ms$`, "(a|b)*x"} {
		b.Run(pattern, func(b *testing.B) {
			re, err := regex.Compile(pattern, "")
			if err != nil {
				b.Fatal(err)
			}
			m := re.Matcher()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := m.Match(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
