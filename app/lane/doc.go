// Package lane judges sequence numbers: exactly once.
package lane
