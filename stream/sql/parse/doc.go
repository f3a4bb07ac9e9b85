// Package parse turns SQL text into statements: PostgreSQL's grammar plus the streaming clauses.
package parse
