package parse

import (
	"fmt"
	"unicode/utf8"
)

// Error is a refused statement, in the parts that PostgreSQL's protocol has for it.
type Error struct {
	SQLState string
	Message  string // one sentence, lower case, no full stop
	Detail   string
	Hint     string
	// Position is the 1-based character (not byte) of the whole text at which the fault lies;
	// 0: unknown.
	Position int
}

// Error implements error.
func (e *Error) Error() string {
	if e.Position > 0 {
		return fmt.Sprintf("%s (SQLSTATE %s, at character %d)", e.Message, e.SQLState, e.Position)
	}
	return fmt.Sprintf("%s (SQLSTATE %s)", e.Message, e.SQLState)
}

// The SQLSTATEs that parsing gives.
const (
	stateSyntax       = "42601" // syntax_error
	stateTooComplex   = "54001" // statement_too_complex
	stateProgramLimit = "54000" // program_limit_exceeded
	stateBadUTF8      = "22021" // character_not_in_repertoire
	stateNameTooLong  = "42622" // name_too_long
	stateWindowing    = "42P20" // windowing_error
)

// position turns a byte offset of text into a 1-based character position.
func position(text string, offset int) int {
	if offset < 0 || offset > len(text) {
		return 0
	}
	return utf8.RuneCountInString(text[:offset]) + 1
}
