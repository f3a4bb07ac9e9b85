package row

import "weir/stream/value"

// Limits of one row and one key, in bytes of their encodings.
const (
	MaxRowBytes = 64 << 10
	MaxKeyBytes = 1 << 10
	MaxColumns  = 256 // of a row, a key, a payload

	MaxRow = MaxRowBytes // the same
	MaxKey = MaxKeyBytes // the same
)

// ErrKeyTooLong is the error of a row whose key has more than MaxKeyBytes bytes.
var ErrKeyTooLong = value.Errorf(value.StateTooLarge, "key exceeds %d bytes", MaxKeyBytes)

// ErrRowTooLarge is the error of a row whose encoding has more than MaxRowBytes bytes.
var ErrRowTooLarge = value.Errorf(value.StateTooLarge, "row exceeds %d bytes", MaxRowBytes)

// CheckKeySize returns ErrKeyTooLong for a key of more than MaxKeyBytes bytes, else nil.
func CheckKeySize(n int) *value.Error {
	if n > MaxKeyBytes {
		return ErrKeyTooLong
	}
	return nil
}

// CheckRowSize returns ErrRowTooLarge for a row of more than MaxRowBytes bytes, else nil.
func CheckRowSize(n int) *value.Error {
	if n > MaxRowBytes {
		return ErrRowTooLarge
	}
	return nil
}
