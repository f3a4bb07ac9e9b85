// Package row has the canonical byte encodings of keys, rows and columnar payloads.
package row
