// Package access says which rows of stored relations a plan needs.
package access
