// Package store is the only importer of cosmos-db.
package store
