package value

import "fmt"

// Error is a scalar error: what PostgreSQL would raise for one value. In a view it is data (the
// row moves to the error relation), in a statement it rejects. Msg never enters hashed bytes.
type Error struct{ SQLState, Msg string }

// Error implements error.
func (e *Error) Error() string { return e.Msg + " (SQLSTATE " + e.SQLState + ")" }

// Errorf makes an Error.
func Errorf(sqlState, format string, args ...any) *Error {
	return &Error{sqlState, fmt.Sprintf(format, args...)}
}

// SQLSTATEs that values, expressions and encodings raise.
const (
	StateTooLong          = "22001" // string_data_right_truncation
	StateOutOfRange       = "22003" // numeric_value_out_of_range
	StateBadDatetime      = "22007" // invalid_datetime_format
	StateDatetimeOverflow = "22008" // datetime_field_overflow
	StateSubstring        = "22011" // substring_error
	StateDivisionByZero   = "22012" // division_by_zero
	StateBadIntervalSize  = "22015" // interval_field_overflow
	StateBadParameter     = "22023" // invalid_parameter_value
	StateBadEscape        = "22025" // invalid_escape_sequence
	StateBadEscapeChar    = "22019" // invalid_escape_character
	StateBadUTF8          = "22021" // character_not_in_repertoire
	StateBadText          = "22P02" // invalid_text_representation
	StateBadBinary        = "22P03" // invalid_binary_representation
	StateUnsupported      = "0A000" // feature_not_supported
	StateUndefined        = "42883" // undefined_function
	StateAmbiguous        = "42725" // ambiguous_function
	StateCannotCoerce     = "42846" // cannot_coerce
	StateMismatch         = "42804" // datatype_mismatch
	StateTooLarge         = "54000" // program_limit_exceeded
	StateTooDeep          = "54001" // statement_too_complex
)

// Errors whose text PostgreSQL fixes. They are values, so that a kernel can raise one for many
// rows without allocating.
var (
	ErrDivisionByZero   = &Error{StateDivisionByZero, "division by zero"}
	ErrInt2Range        = &Error{StateOutOfRange, "smallint out of range"}
	ErrInt4Range        = &Error{StateOutOfRange, "integer out of range"}
	ErrInt8Range        = &Error{StateOutOfRange, "bigint out of range"}
	ErrNumericRange     = &Error{StateOutOfRange, "value overflows numeric format"}
	ErrFloatOverflow    = &Error{StateOutOfRange, "value out of range: overflow"}
	ErrFloatUnderflow   = &Error{StateOutOfRange, "value out of range: underflow"}
	ErrDateRange        = &Error{StateDatetimeOverflow, "date out of range"}
	ErrTimestampRange   = &Error{StateDatetimeOverflow, "timestamp out of range"}
	ErrIntervalRange    = &Error{StateDatetimeOverflow, "interval out of range"}
	ErrTimeRange        = &Error{StateDatetimeOverflow, "time out of range"}
	ErrTextInvalidUTF8  = &Error{StateBadUTF8, "invalid byte sequence for encoding \"UTF8\""}
	ErrTextNUL          = &Error{StateBadUTF8, "invalid byte sequence for encoding \"UTF8\": 0x00"}
	ErrRequestedTooLong = &Error{StateTooLarge, "requested length too large"}
)

// IntRangeError returns the out-of-range error of an integer kind.
func IntRangeError(k Kind) *Error {
	switch k {
	case Int2:
		return ErrInt2Range
	case Int4:
		return ErrInt4Range
	default:
		return ErrInt8Range
	}
}

// StateMessage is the sentence that PostgreSQL has for an SQLSTATE of a scalar error.
func StateMessage(state string) string {
	switch state {
	case "22012":
		return "division by zero"
	case "22003":
		return "numeric value out of range"
	case "22008":
		return "timestamp out of range"
	case "22P02":
		return "invalid input syntax"
	case "54000":
		return "a key or a row is larger than its limit"
	default:
		return "a scalar expression failed"
	}
}
