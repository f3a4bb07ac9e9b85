// Package plan has the typed logical plan, its printer, properties and canonical codec.
package plan
