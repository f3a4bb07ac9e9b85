// Package api has the shapes that Weir's HTTP API speaks, for both of its ends.
//
//	client  --- JSON of these types --->  node/httpapi
//	        <-- or raw bytes for transactions and evidence
//
// It holds data and no behaviour beyond its own text forms, so the client that sends a shape
// and the server that answers it cannot drift apart. Unknown fields in answers are ignored, so
// fields may be added; a field's name and meaning never change.
package api
