// Package bind resolves statements against a catalog into typed plans.
package bind
