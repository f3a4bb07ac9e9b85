// Package catalog has the definitions of relations, their names, ids and dependency order.
//
//	CREATE ─ bind ─> Relation without id ─ Create ─> ids, derived relations ─> leaves in the ledger
//
// A Catalog is a value of one height: DDL clones it, changes the clone and keeps it or not. The
// Relations in it are shared between clones and never change after Create.
//
// Each relation has three leaves: its definition (changes only by DDL), its status (changes as
// blocks are applied) and, for views, its plan bytes. Their encodings are canonical.
//
// Invariants: a name and an id belong to at most one relation; ids are counters and are never
// used again, also not after DROP; a relation's inputs exist, and following them never comes back
// to it (InOrder is a dependency order; ids are not, since a view that is replaced keeps its id);
// derived relations live and die with the one they belong to.
package catalog
