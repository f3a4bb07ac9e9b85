// Package pgwire speaks PostgreSQL's wire protocol.
package pgwire
