// Package jsonpath has SQL/JSON paths as PostgreSQL 15 reads and evaluates them.
//
//	Parse   text -> Path, a tree: "strict $.a[*] ? (@.b > $min).c"
//	Query   Path over a document, with variables -> items, in order
//	Exists  is there an item at all; in lax mode the first one decides
//
// Lax mode unwraps arrays and takes structural faults for absence; strict mode makes them errors.
// A path has at most MaxPath bytes and MaxDepth levels, a call MaxSteps steps; nothing here loops
// or grows beyond them. The method datetime() is not supported.
package jsonpath
