// Package backup keeps snapshots of a node in a folder, and makes a node's data from them.
//
//	DIR/genesis.json            of the network
//	DIR/parts/ab/NAME           parts by what is in them, shared by all snapshots
//	DIR/HEIGHT.consensus        what CometBFT has to know to go on from that height
//	DIR/HEIGHT.validators       the changes of the validator set, which are parts too
//	DIR/HEIGHT.manifest         written last: a snapshot is whole if it is there
//
// A backup writes only the parts that the folder has not. A restore verifies every part, and
// builds new data beside the old: what it has built becomes the node's data by renaming.
//
// What it must never do: open the stores of a node that runs; take a part for what its name says
// before it has been verified; touch a validator's signing state.
package backup
