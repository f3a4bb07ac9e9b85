// Package frozen gives commands a copy of the home of a running node, as of one instant.
//
//	HOME/data/frozen/           0700: whoever may enter it may ask for copies
//	HOME/data/frozen/node.sock  where the node listens; never on the network
//	HOME/data/frozen/N/         a copy: a home with data and configuration, without keys
//	HOME/data/frozen/N/in-use   held by the command that reads the copy
//
// A copy is what the node would leave if it crashed at that instant: while it is made, in some
// milliseconds, no store takes writes. Its tables are hard links, so it takes the disk of what the
// node deletes while it is there. It goes when the connection ends over which it was asked for,
// however the command ends; a copy whose command outlives the node is the command's to remove, and
// what both have left goes when the node starts.
//
// What it must never do: copy a key; hand out a copy while a store can be written.
package frozen
