// Package verify checks evidence offline.
package verify
