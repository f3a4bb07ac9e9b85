package main

import "strings"

// splitSQL cuts a text at the semicolons that end statements: those outside of quotes, dollar
// quotes and comments. Parts without a word in them are dropped. It only finds the ends; the
// node parses the statements.
func splitSQL(text string) []string {
	var parts []string
	start, content := 0, false
	take := func(end int) {
		if content {
			parts = append(parts, strings.TrimSpace(text[start:end]))
		}
		content = false
	}
	for i := 0; i < len(text); {
		if text[i] == ';' {
			take(i)
			i++
			start = i
			continue
		}
		n, comment := sqlToken(text[i:])
		if !comment && strings.TrimSpace(text[i:i+n]) != "" {
			content = true
		}
		i += n
	}
	take(len(text))
	return parts
}

// sqlToken returns the length of the quoted text or comment that s begins with, or 1.
func sqlToken(s string) (n int, comment bool) {
	switch {
	case strings.HasPrefix(s, "--"):
		return until(s, 2, "\n"), true
	case strings.HasPrefix(s, "/*"):
		return blockComment(s), true
	case s[0] == '\'' || s[0] == '"':
		return until(s, 1, s[:1]), false
	case s[0] == '$':
		if end := strings.IndexByte(s[1:], '$'); end >= 0 && isTag(s[1:1+end]) {
			return until(s, end+2, s[:end+2]), false
		}
	}
	return 1, false
}

// until returns the length of s up to and with the first end at or behind from; all of s if
// there is none.
func until(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

// blockComment returns the length of a comment, which may hold others.
func blockComment(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(s[i:], "*/"):
			depth--
			i++
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(s)
}

// isTag reports whether s may stand between the dollars of a dollar quote.
func isTag(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}
