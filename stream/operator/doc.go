// Package operator has the incremental operators, one a file.
package operator
