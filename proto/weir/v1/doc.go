// Package weirv1 is the generated code of the weir.v1 messages: see header.proto for what each
// field means and docs/spec/header.md for the rules that a header obeys beyond its schema.
//
// It must never be used to produce hashed bytes from a decoded message: what is signed and hashed
// is the header as transmitted. Regenerate with proto/generate.sh.
package weirv1
