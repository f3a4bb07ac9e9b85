// Package node assembles one process.
package node
