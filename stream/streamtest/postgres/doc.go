// Package postgres runs a private PostgreSQL 15 for tests that compare with it.
//
// It must never use a server that is there already. Where there is no PostgreSQL 15, tests are
// skipped.
package postgres
