// Package testnet runs local networks: one process per validator, all on loopback, with faults
// on demand.
//
//	Create -> testnet.json, bin/weir, node0/ node1/ ...      (homes made by the caller)
//	Start  -> a process per node, output in nodeI/node.log
//	Kill, Pause, Resume, Restart, Stop -> signals
//	Down   -> none is left
//
// A network is a directory. testnet.json says who runs where, so that one command can start a
// network and another can kill a node of it; the executable is copied into the directory, so
// that a node can start again after the program that built it is gone. An attached network
// (Options.Attached) ends with the process that started it, however that ends: each node holds a
// pipe from it as its standard input and stops when the pipe does.
//
// It never signals a process that it did not start: a process id is used only while its command
// line still names the node's home.
package testnet
