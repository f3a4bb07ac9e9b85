// Package canon writes and reads the few primitive forms of which canonical encodings of
// definitions and plans are made: bytes, unsigned varints of minimal length, big-endian numbers of
// fixed width, length-prefixed strings.
//
// It must never accept two encodings of one value, panic, or allocate more than in proportion to
// its input. A Reader keeps its first error and returns zero values after it, so that decoders
// read straight through and look once at the end.
package canon
