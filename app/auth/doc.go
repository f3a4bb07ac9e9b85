// Package auth has roles, keys and rights.
package auth
