// Package sql is the SQL front end: text in, bound statements out.
package sql
