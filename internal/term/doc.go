// Package term writes for a person at a terminal: progress bars and tables.
//
// It degrades to plain lines where the output is not a terminal, so that logs stay readable. It
// never reads input and never decides anything by what the terminal is.
package term
