// Package rewrite has the plan rewrite rules, one a file.
package rewrite
