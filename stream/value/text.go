package value

import (
	"bytes"
	"unicode/utf8"
)

// ValidText reports whether b may be a text: UTF-8 without NUL.
func ValidText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }

// CheckText returns the error of a text that is not valid UTF-8 without NUL.
func CheckText(s string) *Error {
	for i := range len(s) {
		if s[i] == 0 {
			return ErrTextNUL
		}
	}
	if !utf8.ValidString(s) {
		return ErrTextInvalidUTF8
	}
	return nil
}
