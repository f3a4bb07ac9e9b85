// Package auth has the network's roles, keys and rights: who may do what.
//
//	genesis app_state --Parse--> *Genesis --Install--> agreed state
//	agreed state, (key, role, writer, relation) --MayAppend...--> nil or a rejection
//	GRANT, REVOKE --Grant, Revoke--> agreed state
//
// A role is a name with rights (CREATE, GOVERN), keys, and nodes whose gateways may act for it.
// A key of a role may append as the writers it is allowed, never as gw/..., which are the
// gateways' own. A role inserts into a relation only by a grant, which its creator has.
//
// Keys of small order or non-canonical encoding own nothing. Checks read one key at a time and
// change nothing; this package must never read a file, a clock or the environment.
package auth
