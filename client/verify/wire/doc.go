// Package wire reads and writes the primitive fields of evidence files: big-endian integers and
// byte strings with a length in front. A Reader is bounded by its input: it never panics, never
// reads past the end and hands out subslices instead of copies. After the first fault it returns
// zeros, and Done reports the fault.
package wire
