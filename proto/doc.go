// Package proto holds the wire formats, one folder per versioned protobuf package, and the script
// generate.sh that turns them into the committed Go code beside them.
//
// A published field never changes its number, type or meaning; a new field is a new protocol
// version, because decoders refuse what they do not know.
package proto
