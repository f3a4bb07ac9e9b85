// Package lint has no code: its tests are the checks of the whole repository that are neither a
// compiler's nor a vet analyzer's.
//
//	layers_test.go  every package imports only what layers.txt lets it
//	tidy_test.go    sizes of files, functions and lines, a doc.go per package, forbidden words
//	pins_test.go    versions that must not move by themselves
//	links_test.go   links of docs/sql, and a row of its table for every scenario
//
// The tests read the files themselves, so that the go test cache sees what each verdict depends
// on. Each check is itself tested by planted faults. What it must never do: check what depends on
// the machine, or be a reason to change behaviour.
package lint
