// Package tree is the Merkle B+tree.
package tree
