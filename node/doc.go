// Package node assembles one process: the application, CometBFT, the PostgreSQL wire and the HTTP
// API.
//
//	psql, drivers          weir load, clients, browsers
//	     |                          |
//	node/pgwire                node/httpapi
//	     |                          |
//	sessions -- gateway ------> submitter --> app.Offer --> CometBFT's pool
//	     |                          ^                            |
//	app.Snapshot <-- publish -- app.Commit <-- FinalizeBlock <---+
//
// Servers open only after CometBFT has re-executed the blocks above the last checkpoint. A
// success is answered when the block that holds it has been committed; waiting is by being told,
// never by asking again. Nothing here is agreed state.
package node
