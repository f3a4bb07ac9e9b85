// Package streamtest checks the engine against the oracle over random histories.
package streamtest
